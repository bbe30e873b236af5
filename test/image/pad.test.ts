import { expect } from 'chai';
import { pad } from '../../src/image/pad.js';

const letters = (text: string, channels: 1 | 3 = 1) =>
  ({ data: Uint8Array.from(Buffer.from(text)), width: text.length / channels, height: 1, channels }) as const;
const middleRow = ({ data, width, channels }: ReturnType<typeof pad>, margin: number): string => {
  return Buffer.from(data.subarray(margin * width * channels, (margin + 1) * width * channels)).toString();
};

describe('image: padding', () => {
  it('repeats the edge, or mirrors without repeating it, as OpenCV borders do', () => {
    expect(middleRow(pad(letters('abcd'), 3, 'edge'), 3)).to.equal('aaaabcdddd');
    expect(middleRow(pad(letters('abcd'), 3, 'mirror'), 3)).to.equal('dcbabcdcba');
  });

  it('mirrors to and fro where the margin is wider than the image', () => {
    expect(middleRow(pad(letters('ab'), 4, 'mirror'), 4)).to.equal('ababababab');
    expect(middleRow(pad(letters('abc'), 6, 'mirror'), 6)).to.equal('abcbabcbabcbabc'.slice(2, 14) + 'cba');
    expect(middleRow(pad(letters('a'), 2, 'mirror'), 2)).to.equal('aaaaa');
  });

  it('keeps channels together and treats rows as columns', () => {
    expect(middleRow(pad(letters('RGBrgb', 3), 1, 'mirror'), 1)).to.equal('rgbRGBrgbRGB');
    const column = { data: Uint8Array.of(1, 2, 3), width: 1, height: 3, channels: 1 } as const;
    const { data, width, height } = pad(column, 2, 'mirror');
    expect([width, height]).to.deep.equal([5, 7]);
    expect([...data].filter((_, i) => i % 5 === 2)).to.deep.equal([3, 2, 1, 2, 3, 2, 1]);
  });
});
