import { expect } from 'chai';
import { openAddress, shownSource } from '../../src/video/source.js';

describe('shownSource', () => {
  for (const [address, shown] of [
    ['rtsp://admin:secret@cam/1', 'rtsp://cam/1'],
    ['rtsp://admin:p@ss@cam/1', 'rtsp://cam/1'],
    ['HTTPS://admin:p@s@s@host:8443/live.m3u8?token=a@b', 'HTTPS://host:8443/live.m3u8?token=a@b'],
    ['udp://@:1234', 'udp://:1234'],
    ['https://host/@somebody/live.m3u8', 'https://host/@somebody/live.m3u8'],
    ['http://host?mail=a@b', 'http://host?mail=a@b'],
    ['clips/a@b.mp4', 'clips/a@b.mp4'],
  ] as const) {
    it(`${address}: ${shown}`, () => expect(shownSource(address)).to.equal(shown));
  }
});

describe('openAddress', () => {
  for (const [source, address] of [
    ['cam:1.mp4', 'file:cam:1.mp4'],
    ['rtsp://cam/1', 'rtsp://cam/1'],
    ['rtp://239.0.0.1:5004', 'rtp://239.0.0.1:5004?timeout=15000000'],
    ['RTP://239.0.0.1:5004?localport=6000', 'RTP://239.0.0.1:5004?localport=6000&timeout=15000000'],
    ['rtp://239.0.0.1:5004?timeout=5', 'rtp://239.0.0.1:5004?timeout=5'],
  ] as const) {
    it(`${source}: ${address}`, () => expect(openAddress(source)).to.equal(address));
  }
});
