import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeSafetensors, encodeSafetensors, type TensorToWrite, toFloat32 } from '../../src/models/safetensors.js';
import { requireTool } from '../support/tools.js';

const FIXTURES = 'test/fixtures/safetensors'; // by scripts/fixtures/safetensors_files.py

function read(path: string) {
  const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
  return { tensors, metadata, values: (name: string) => [...toFloat32(tensors.get(name)!)] };
}

/** A file with the given header, and `size` bytes of tensors. */
function fileOf(header: unknown, size: number): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(size)]);
}

function python(test: Mocha.Context, script: string, path: string): string {
  return execFileSync(requireTool(test, 'safetensors'), ['-c', script, path], { encoding: 'utf8' });
}

const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('safetensors', () => {
  it("reads every type of the Python library's file", () => {
    const { tensors, metadata, values } = read(`${FIXTURES}/types.safetensors`);
    const eighths = [0, 0.125, 0.25, 0.375, 12.5, 31.875];
    const shifted = [-100, -99, -98, -97, 0, 155];
    for (const name of ['f64', 'f32', 'f16']) expect(values(name), name).to.deep.equal(eighths);
    for (const name of ['bf16', 'i64', 'i32']) {
      expect(values(name), name).to.deep.equal(shifted);
      expect(tensors.get(name)!.shape).to.deep.equal([2, 3]);
    }
    expect(values('u8')).to.deep.equal([0, 1, 2, 3, 100, 255]);
    expect(values('scalar')).to.deep.equal([41]);
    expect(tensors.get('scalar')!.shape).to.deep.equal([]);
    expect(values('empty')).to.deep.equal([]);
    expect(values('ünïcode')).to.deep.equal([1]);
    expect(metadata).to.deep.equal({ format: 'pt' });
  });

  it('reads a file that lies at an odd place in memory', () => {
    const bytes = readFileSync(`${FIXTURES}/types.safetensors`);
    const moved = Buffer.concat([Buffer.from([0]), bytes]).subarray(1);
    expect([...toFloat32(decodeSafetensors(moved, 'moved').tensors.get('f64')!)]).to.have.length(6);
  });

  it('writes the very bytes that the Python library writes, whatever the order of the map', () => {
    const path = `${FIXTURES}/written.safetensors`;
    const { tensors, metadata } = read(path);
    const reversed = [...tensors].reverse().map(([name, tensor]): [string, TensorToWrite] => {
      return [name, { dtype: tensor.dtype as 'F32' | 'F16', shape: tensor.shape, data: toFloat32(tensor) }];
    });
    expect(Buffer.from(encodeSafetensors(new Map(reversed), metadata)).equals(readFileSync(path))).to.equal(true);
  });

  it('writes a file that the Python library reads', function () {
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-'));
    try {
      const path = join(folder, 'ours.safetensors');
      const data = Float32Array.of(0.1, -2, 3e-6, 65504, 5, 6);
      const tensors = new Map<string, TensorToWrite>([
        ['wide', { dtype: 'F32', shape: [3, 2], data }],
        ['__proto__', { dtype: 'F16', shape: [2, 3], data }],
        ['empty', { dtype: 'F32', shape: [0], data: new Float32Array() }],
      ]);
      writeFileSync(path, encodeSafetensors(tensors, { made: 'here "quoted"' }));
      const script = `
import sys, json
from safetensors import safe_open
with safe_open(sys.argv[1], "np") as f:
    print(json.dumps([f.metadata(), {k: [str(f.get_tensor(k).dtype), f.get_tensor(k).tolist()] for k in f.keys()}]))`;
      const [metadata, read] = JSON.parse(python(this, script, path));
      expect(metadata).to.deep.equal({ made: 'here "quoted"' });
      expect(read.wide).to.deep.equal(['float32', [...[0, 2, 4].map((i) => [data[i], data[i + 1]])]]);
      expect(Object.entries(read).find(([name]) => name === '__proto__')![1]).to.deep.equal([
        'float16',
        [
          [0.0999755859375, -2, 2.9802322387695312e-6],
          [65504, 5, 6],
        ],
      ]);
      expect(read.empty).to.deep.equal(['float32', []]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reads a file that the Python library has just written', function () {
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-'));
    try {
      const path = join(folder, 'theirs.safetensors');
      const script = `
import sys, numpy as np
from safetensors.numpy import save_file
x = np.random.default_rng(5).normal(size=(4, 3)).astype(np.float32)
save_file({"x": x, "y": x.astype(np.float16), "n": np.array(3)}, sys.argv[1])
print(x.ravel().tolist())`;
      const expected = JSON.parse(python(this, script, path));
      const { values } = read(path);
      expect(values('x')).to.deep.equal(expected);
      expect(values('y')[0]).to.be.closeTo(expected[0], 1e-3);
      expect(values('n')).to.deep.equal([3]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const huge = Buffer.alloc(8);
  huge.writeBigUInt64LE(1n << 60n);
  const whole = readFileSync(`${FIXTURES}/types.safetensors`);
  const refused: [string, Uint8Array, RegExp][] = [
    ['a file cut off in its length', whole.subarray(0, 5), /at least 8 bytes, got 5/],
    ['a file cut off in its header', whole.subarray(0, 50), /ends after 50/],
    ['a file cut off in its tensors', whole.subarray(0, whole.length - 1), /as its header says/],
    ['bytes left over', Buffer.concat([whole, Buffer.alloc(3)]), /as its header says/],
    ['a header length beyond any file', huge, /a length of 1152921504606846976/],
    ['a header that is no JSON', fileOf('{"a":', 0), /JSON in UTF-8/],
    ['a header that is a list', fileOf('[]', 0), /JSON object, got \[\]/],
    ['overlapping tensors', fileOf({ a: f32(0, 8), b: f32(4, 12) }, 12), /tensor b to begin at byte 8, got 4, overlap/],
    ['a tensor that is named twice', fileOf('{"a":1,"b":2,"a":3}', 0), /each tensor once, got "a" is given twice/],
    ['a hole between tensors', fileOf({ a: f32(0, 4), b: f32(8, 12) }, 12), /got 8, a hole/],
    ['a tensor out of range', fileOf({ a: f32(0, 400) }, 8), /as its header says/],
    ['a tensor whose bytes do not fit its shape', fileOf({ a: f32(0, 8, [3]) }, 8), /12 bytes for tensor a/],
    ['a negative size', fileOf({ a: f32(0, 8, [-2]) }, 8), /a with dtype, shape/],
    ['an offset that is no whole number', fileOf({ a: f32(0, 8.5, [2]) }, 8), /a with dtype, shape/],
    ['metadata that are not texts', fileOf({ __metadata__: { n: 1 } }, 0), /__metadata__/],
    ['a type that it does not read', fileOf({ a: { ...f32(0, 4), dtype: 'F8_E4M3' } }, 4), /F8_E4M3.*float32/],
  ];
  for (const [title, bytes, message] of refused) {
    it(`refuses ${title}, naming the file`, () => {
      expect(() => decodeSafetensors(bytes, 'some.safetensors'))
        .to.throw(message)
        .with.property('code', 'E_SAFETENSORS');
      expect(() => decodeSafetensors(bytes, 'some.safetensors')).to.throw(/^some\.safetensors/);
    });
  }

  it('refuses to write values that do not fill their shape', () => {
    const tensors = new Map<string, TensorToWrite>([['a', { dtype: 'F32', shape: [2], data: new Float32Array(3) }]]);
    expect(() => encodeSafetensors(tensors))
      .to.throw(/2 values/)
      .with.property('code', 'E_SHAPE');
  });
});
