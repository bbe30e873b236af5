import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseModel, readModel } from '../../../src/models/onnx/parse.js';
import { floats, modelBytes, modelFile, parsed, TYPES, type GraphParts } from './support/build.js';
import { refusal } from './support/refusal.js';

const ADD: GraphParts = {
  nodes: [{ op: 'Add', inputs: ['x', 'w'] }],
  inputs: { x: ['batch', 2] },
  initializers: [floats('w', [2], [0.5, -1.5])],
};

function constant(tensor: object): { type: string; shape: number[]; data: number[] } {
  const { initializers } = parsed({ nodes: [], initializers: [{ name: 'w', ...tensor }], outputs: ['w'] }).graph;
  const { type, shape, data } = initializers.get('w')!;
  return { type, shape, data: [...data] };
}

function bytes(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

describe('onnx: parse', () => {
  it('reads names, shapes, attributes and weights', () => {
    const { graph, opsets } = parsed({
      ...ADD,
      nodes: [
        { op: 'Gemm', name: 'fc', inputs: ['x', 'w'], attributes: { alpha: 0.5, transB: 1, order: [2, 1], mode: 'a' } },
      ],
    });
    expect([...opsets]).to.deep.equal([['', 17]]);
    expect(graph.inputs).to.deep.equal([{ name: 'x', type: 'float32', shape: ['batch', 2] }]);
    expect(graph.nodes[0]).to.include({ name: 'fc', op: 'Gemm', domain: '' });
    expect([...graph.nodes[0]!.attributes]).to.deep.equal([['alpha', 0.5], ['transB', 1], ['order', [2, 1]], ['mode', 'a']]); // prettier-ignore
    expect(graph.initializers.get('w')).to.deep.equal({
      type: 'float32',
      shape: [2],
      data: new Float32Array([0.5, -1.5]),
    });
  });

  it('reads a type from its own field and from raw bytes alike', () => {
    const both = (type: number, fields: object, raw: ArrayBufferView): unknown[] => {
      const size = Object.values(fields)[0].length as number;
      const shape = { dims: [size], dataType: type };
      const [one, other] = [constant({ ...shape, ...fields }), constant({ ...shape, rawData: bytes(raw) })];
      expect(one).to.deep.equal(other);
      return one.data;
    };
    expect(both(TYPES.float, { floatData: [1.5] }, new Float32Array([1.5]))).to.deep.equal([1.5]);
    expect(both(TYPES.double, { doubleData: [0.1] }, new Float64Array([0.1]))).to.deep.equal([Math.fround(0.1)]);
    expect(both(TYPES.int64, { int64Data: [-2, 2 ** 40] }, new BigInt64Array([-2n, 2n ** 40n]))).to.deep.equal([
      -2,
      2 ** 40,
    ]);
    expect(both(TYPES.uint64, { uint64Data: [2 ** 40] }, new BigUint64Array([2n ** 40n]))).to.deep.equal([2 ** 40]);
    expect(both(TYPES.int32, { int32Data: [-7] }, new Int32Array([-7]))).to.deep.equal([-7]);
    expect(both(TYPES.uint8, { int32Data: [200] }, new Uint8Array([200]))).to.deep.equal([200]);
    expect(both(TYPES.int8, { int32Data: [-3] }, new Int8Array([-3]))).to.deep.equal([-3]);
    expect(both(TYPES.bool, { int32Data: [1, 0] }, new Uint8Array([1, 0]))).to.deep.equal([1, 0]);
    // IEEE 754: 0x3e00 is 1.5 in fp16, 0x3fc0 in bf16.
    expect(both(TYPES.half, { int32Data: [0x3e00] }, new Uint16Array([0x3e00]))).to.deep.equal([1.5]);
    expect(both(TYPES.bfloat, { int32Data: [0x3fc0] }, new Uint16Array([0x3fc0]))).to.deep.equal([1.5]);
  });

  it('a bound "to the end" beyond 2^53 comes as the nearest number', () => {
    const last = 2n ** 63n - 1n;
    expect(
      constant({ dims: [1], dataType: TYPES.int64, rawData: bytes(new BigInt64Array([last])) }).data,
    ).to.deep.equal([2 ** 63]);
  });

  it('refuses sizes, types and lengths that no tensor has', () => {
    const refused = (tensor: object): string => refusal(() => constant(tensor), 'E_ONNX_FILE');
    refused({ dims: [-1], dataType: TYPES.float, floatData: [1] });
    refused({ dims: [2], dataType: TYPES.float, floatData: [1] });
    refused({ dims: [2 ** 31, 2 ** 31], dataType: TYPES.float, floatData: [1] });
    refused({ dims: [1 << 30], dataType: TYPES.float, rawData: new Uint8Array(8) });
    refused({ dims: [1], dataType: TYPES.string, stringData: [Buffer.from('a')] });
    refused({ dims: [1], dataType: 17, rawData: new Uint8Array(1) });
  });

  it('refuses a file that is cut anywhere, or is none', () => {
    const whole = modelBytes(ADD);
    for (let end = 0; end < whole.length; end++)
      refusal(() => parseModel(whole.subarray(0, end), 'cut.onnx'), 'E_ONNX_FILE');
    expect(refusal(() => parseModel(Buffer.from('{"format": "graph-model"}'), 'model.json'), 'E_ONNX_FILE')).to.match(
      /^model\.json/,
    );
  });

  it('refuses a small file that would take much memory once it is read, and takes as many bytes of weights', () => {
    const bomb = new Uint8Array(17_000_000);
    // A list of whole numbers, one byte each, would be a list of objects.
    const field = (tag: number, length: number): number[] => {
      const bytes = [tag];
      for (let rest = length; rest > 0; rest >>>= 7) bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
      return bytes;
    };
    const nested = (tag: number, content: Uint8Array): Uint8Array =>
      Buffer.concat([Buffer.from(field(tag, content.length)), content]);
    // graph 7, initializer 5, int64_data 7.
    const tensor = nested((5 << 3) | 2, nested((7 << 3) | 2, bomb));
    expect(refusal(() => parseModel(nested((7 << 3) | 2, tensor), 'bomb.onnx'), 'E_ONNX_FILE')).to.match(
      /170000\d\d bytes of nodes/,
    );
    const count = bomb.length / 4;
    const weights = parsed({
      nodes: [],
      initializers: [{ name: 'w', dims: [count], dataType: TYPES.float, rawData: bomb }],
      outputs: ['w'],
    });
    expect(weights.graph.initializers.get('w')!.data).to.have.length(count);
  });

  it('refuses a file of over 2 GB before it reads it', () => {
    const path = modelFile(new Uint8Array(1));
    truncateSync(path, 2 ** 31);
    expect(refusal(() => readModel(path), 'E_ONNX_FILE')).to.match(/2\.1 GB.*external data/);
    rmSync(dirname(path), { recursive: true });
  });
});

describe('onnx: external data', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-external-'));
    mkdirSync(join(folder, 'inside'));
    writeFileSync(join(folder, 'secret.bin'), bytes(new Float32Array([9, 9])));
    writeFileSync(join(folder, 'inside/w.bin'), bytes(new Float32Array([0, 1.5, 2.5])));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function read(fields: Record<string, string>): number[] {
    const externalData = Object.entries(fields).map(([key, value]) => ({ key, value }));
    const tensor = { name: 'w', dims: [2], dataType: TYPES.float, dataLocation: 1, externalData };
    const path = join(folder, 'inside/model.onnx');
    writeFileSync(path, modelBytes({ nodes: [], initializers: [tensor], outputs: ['w'] }));
    return [...readModel(path).graph.initializers.get('w')!.data];
  }
  const refused = (fields: Record<string, string>): string => refusal(() => read(fields), 'E_ONNX_EXTERNAL');

  it('is read from its offset in a file beside the model', () => {
    expect(read({ location: 'w.bin', offset: '4', length: '8' })).to.deep.equal([1.5, 2.5]);
    expect(read({ location: './w.bin', offset: '4' })).to.deep.equal([1.5, 2.5]);
  });

  it('outside the folder of the model is refused, through a link too', () => {
    symlinkSync(join(folder, 'secret.bin'), join(folder, 'inside/link.bin'));
    for (const location of ['../secret.bin', join(folder, 'secret.bin'), 'link.bin', '', '.', 'x/../../secret.bin'])
      expect(refused({ location }), location).to.match(/folder/);
  });

  it('that is missing, too short, or of another length than the tensor is refused', () => {
    expect(refused({ location: 'v.bin' })).to.match(/v\.bin.*beside the model/);
    expect(refused({ location: 'w.bin', offset: '8' })).to.match(/file of 12 bytes/);
    expect(refused({ location: 'w.bin', length: '4' })).to.match(/8 bytes/);
    expect(refused({ location: 'w.bin', offset: '-4' })).to.match(/offset/);
  });
});
