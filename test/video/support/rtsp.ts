import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { H264Encoder } from '../../../src/video/encoder.js';
import { makePicture, RATE } from './clips.js';

/** Bytes of a unit that fit into one RTP packet. */
const MTU = 1200;

/** NAL units of every frame of a made video. */
async function encode(count: number, width: number, height: number): Promise<Buffer[][]> {
  // The fastest preset has no frames that wait for later ones, so they are sent in the order of their times.
  const encoder = await H264Encoder.open({ width, height, frameRate: RATE, crf: 15, gop: 5, preset: 'ultrafast' });
  const frames: Buffer[][] = [];
  const take = async (picture: ReturnType<typeof makePicture> | null, time = 0): Promise<void> => {
    for (const packet of await encoder.encode(picture, time)) {
      frames.push(unitsOf(Buffer.from(packet.data!)));
      packet.free();
    }
  };
  for (let i = 0; i < count; i++) await take(makePicture(i, width, height), i / RATE);
  await take(null);
  encoder.close();
  return frames;
}

/** @source ITU-T H.264 Annex B: units stand behind 00 00 01 */
function unitsOf(bytes: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf('000001', 0, 'hex'); at >= 0; at = bytes.indexOf('000001', at + 3, 'hex'))
    starts.push(at);
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? bytes.length;
    return bytes.subarray(start + 3, i + 1 < starts.length && bytes[end - 1] === 0 ? end - 1 : end);
  });
}

/** @source RFC 6184: a unit that is too long for a packet is cut into FU-A */
function payloads(unit: Buffer): Buffer[] {
  if (unit.length <= MTU) return [unit];
  const [head] = unit as unknown as [number];
  const pieces: Buffer[] = [];
  for (let at = 1; at < unit.length; at += MTU) {
    const flags = (at === 1 ? 0x80 : 0) | (at + MTU >= unit.length ? 0x40 : 0);
    pieces.push(Buffer.concat([Buffer.from([(head & 0xe0) | 28, flags | (head & 0x1f)]), unit.subarray(at, at + MTU)]));
  }
  return pieces;
}

export interface RtspServer {
  /** `rtsp://127.0.0.1:PORT/camera` */
  url: string;
  close(): void;
}

/**
 * A camera on a free port of loopback that sends a made video at its pace, over TCP, and then hangs up,
 * or falls silent.
 *
 * @source RFC 2326 (RTSP), RFC 3550 (RTP)
 */
export async function serveRtsp({
  count = 20,
  width = 96,
  height = 64,
  pace = 1 / RATE,
  hangsUp = true,
} = {}): Promise<RtspServer> {
  const frames = await encode(count, width, height);
  const sets = frames[0]!.filter((unit) => [7, 8].includes(unit[0]! & 0x1f)).map((unit) => unit.toString('base64'));
  const sdp = [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=camera', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=video 0 RTP/AVP 96'],
    ...['a=rtpmap:96 H264/90000', `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${sets.join()}`],
    ...['a=control:track0', ''],
  ].join('\r\n');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      const request = bytes.toString('latin1');
      // The client's reports come between its requests.
      const [, method] = /^(OPTIONS|DESCRIBE|SETUP|PLAY|TEARDOWN) /.exec(request) ?? [];
      if (method === undefined) return;
      const lines = [`RTSP/1.0 200 OK`, `CSeq: ${/CSeq: *(\d+)/i.exec(request)?.[1] ?? 0}`, 'Session: 1'];
      if (method === 'OPTIONS') lines.push('Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN');
      if (method === 'SETUP') lines.push('Transport: RTP/AVP/TCP;unicast;interleaved=0-1');
      if (method === 'DESCRIBE') lines.push('Content-Type: application/sdp', `Content-Length: ${sdp.length}`);
      socket.write(`${lines.join('\r\n')}\r\n\r\n${method === 'DESCRIBE' ? sdp : ''}`);
      if (method === 'PLAY') void play(socket, frames, pace).then(() => hangsUp && socket.end());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `rtsp://127.0.0.1:${port}/camera`, close };
}

async function play(socket: Socket, frames: Buffer[][], pace: number): Promise<void> {
  let sequence = 0;
  for (const [number, units] of frames.entries()) {
    if (socket.destroyed) return;
    const packets = units.flatMap(payloads);
    packets.forEach((payload, i) => {
      const header = Buffer.alloc(16);
      header.write('$');
      header.writeUInt16BE(payload.length + 12, 2);
      header.writeUInt16BE(0x8060 | (i === packets.length - 1 ? 0x80 : 0), 4);
      header.writeUInt16BE(sequence++ & 0xffff, 6);
      header.writeUInt32BE((number * 90_000) / RATE, 8);
      header.writeUInt32BE(7, 12);
      socket.write(Buffer.concat([header, payload]));
    });
    await sleep(pace * 1000);
  }
}
