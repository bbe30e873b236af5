import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { decodeBfloat, decodeHalf, encodeBfloat, encodeHalf, roundToHalf } from '../../src/models/half.js';
import { decodeSafetensors, toFloat32 } from '../../src/models/safetensors.js';

// numpy's astype(float16), by scripts/fixtures/safetensors_files.py
const file = 'test/fixtures/safetensors/half.safetensors';
const { tensors } = decodeSafetensors(readFileSync(file), file);

describe('half', () => {
  it('rounds to the bits that numpy does, on ties, subnormals, the largest values and infinity', () => {
    const single = toFloat32(tensors.get('single')!);
    const half = new Uint16Array(new Uint8Array(tensors.get('half')!.bytes).buffer);
    expect(single.length).to.be.greaterThan(3000);
    expect([...encodeHalf(single)]).to.deep.equal([...half]);
  });

  it('reads all 65,536 halves and writes them back unchanged', () => {
    const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
    const back = encodeHalf(decodeHalf(all));
    const differ = [...all].filter((half) => back[half] !== half && (half & 0x7fff) <= 0x7c00);
    expect(differ).to.deep.equal([]);
  });

  it('keeps not-a-number one, whichever bits it has', () => {
    const nan = new Float32Array(new Uint32Array([0x7fc00000, 0x7f800001, 0xffffffff]).buffer);
    expect([...roundToHalf(nan)].map(Number.isNaN)).to.deep.equal([true, true, true]);
  });

  it('changes nothing when it rounds a second time', () => {
    const once = roundToHalf(Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** ((i % 12) - 8)));
    expect([...roundToHalf(once)]).to.deep.equal([...once]);
  });

  it('rounds to the nearest bf16, ties to even', () => {
    const values = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -7, 225.6 * 2 ** 120, 3.4e38, Infinity, NaN);
    const rounded = [1, 1 + 2 ** -6, -1 - 2 ** -7, 226 * 2 ** 120, Infinity, Infinity, NaN];
    expect([...decodeBfloat(encodeBfloat(values))]).to.deep.equal(rounded);
  });
});
