import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { GearnnError } from '../../../src/common/errors.js';
import { describeOnnx, candidates } from '../../../src/models/onnx/describe.js';
import { guessUse, type OnnxUse } from '../../../src/models/onnx/guess.js';
import { readModel } from '../../../src/models/onnx/parse.js';
import { strideOf } from '../../../src/models/onnx/stride.js';
import { floats, modelFile, parsed, type GraphParts, type NodeParts } from './support/build.js';
import { tinyFile, tinyParts } from './support/tiny.js';

const use = (parts: GraphParts, options = {}, beside: Record<string, object> = {}): OnnxUse => {
  const path = modelFile(parts);
  for (const [name, content] of Object.entries(beside))
    writeFileSync(join(dirname(path), name), JSON.stringify(content));
  return guessUse(readModel(path), path, options);
};
const same = (shape: (number | string)[], op = 'Identity'): GraphParts => ({ nodes: [{ op }], inputs: { x: shape } });

describe('models/onnx: how a file is used', () => {
  it('the order of axes, grey pictures and a fixed size are seen in the shape of the input', () => {
    expect(use(same(['n', 3, 'h', 'w'])).input).to.deep.include({ layout: 'nchw', channels: 'rgb' });
    expect(use(same([1, 224, 320, 3])).input).to.deep.include({ layout: 'nhwc', size: { height: 224, width: 320 } });
    expect(use(same([1, 1, 28, 28])).input).to.deep.include({ channels: 'gray', fit: 'stretch' });
  });

  it('the kind of answer is seen in the node that makes it', () => {
    const kinds = ['Sigmoid', 'Softmax', 'Relu'].map((op) => use(same(['n', 3, 'h', 'w'], op), { task: 'foreground' }).answer); // prettier-ignore
    expect(kinds).to.deep.equal(['sigmoid', 'softmax', 'logits']);
  });

  it('preprocessor_config.json beside it says what the pictures become, and the options are above it', () => {
    const config = { image_mean: [127.5, 127.5, 127.5], image_std: [51, 51, 51], rescale_factor: 1, size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } }; // prettier-ignore
    const beside = { 'preprocessor_config.json': config };
    const guessed = use(same(['n', 3, 'h', 'w']), { task: 'classification' }, beside);
    expect(guessed.preprocessing).to.deep.equal({ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2], fit: { resize: 256, crop: 224 } }); // prettier-ignore
    expect(guessed.sources['mean']).to.equal('0.5,0.5,0.5 (preprocessor_config.json)');
    const stated = use(same(['n', 3, 'h', 'w']), { task: 'classification', mean: [0, 0, 0] }, beside);
    expect([stated.preprocessing.mean, stated.sources['mean']]).to.deep.equal([[0, 0, 0], '0,0,0 (--mean)']);
  });

  it('what nothing says is said to be a guess', () => {
    expect(use(same(['n', 3, 'h', 'w'])).sources['mean']).to.match(/a guess: state --mean/);
  });

  it('names of classes come from config.json beside it', () => {
    const { classes } = use(same(['n', 3, 'h', 'w']), {}, { 'config.json': { id2label: { 1: 'dog', 0: 'cat', 10: 'elk' } } }); // prettier-ignore
    expect(classes).to.deep.equal(['cat', 'dog', 'elk']);
  });

  it('a picture without an axis for the batch is one, where an axis has its three channels', () => {
    expect(use(same([3, 'h', 'w'])).input).to.include({ unbatched: true, layout: 'nchw' });
    const last = use(same([8, 9, 3])).input;
    expect(last).to.deep.include({ unbatched: true, layout: 'nhwc', size: { height: 8, width: 9 } });
    expect(use(same(['n', 3, 'h', 'w'])).input.unbatched).to.equal(undefined);
    expect(() => use(same([1, 'h', 'w']))).to.throw(/one picture \[channels, height, width\]/);
  });

  it('refuses a file that takes more than a picture, and a size that it does not take', () => {
    const two = { ...same(['n', 3, 'h', 'w']), inputs: { x: ['n', 3, 'h', 'w'], scale: [2] } };
    expect(() => use(two))
      .to.throw(GearnnError, /scale \[2\]/)
      .with.property('code', 'E_ONNX_INPUT');
    expect(() => use(same([1, 3, 8, 8]), { size: { height: 9, width: 8 } })).to.throw(/height 8 and width 8/);
    expect(() => use(same([1, 3, 48, 'w']))).to.throw(/HxW with height 48/);
    expect(use(same([1, 3, 48, 'w']), { size: { height: 48, width: 320 } }).input.size!.width).to.equal(320);
  });

  it('names every operation that is missing where nothing can be compared', () => {
    expect(() => use(same(['n', 3, 'h', 'w'], 'Wonder')))
      .to.throw(/Wonder/)
      .with.property('code', 'E_ONNX_OPS');
  });
});

describe('models/onnx: what a file holds', () => {
  it('inputs, outputs, weights and operations', () => {
    const { inputs, outputs, parameters, ops, missing } = describeOnnx(readModel(tinyFile(2)));
    expect(inputs).to.deep.equal([{ name: 'images', type: 'float32', shape: ['batch', 3, 'height', 'width'] }]);
    expect(outputs.map(({ name }) => name)).to.deep.equal(['answer']);
    expect(parameters).to.equal(4 * 3 * 9 + 4 * 4 + 6 * 4 * 9 + 36 + 6 + 2 * 6 + 2);
    expect(ops).to.include({ Conv: 3, Gemm: 1, BatchNormalization: 1 });
    expect(missing).to.deep.equal([]);
  });

  it('all operations that are missing, each with its node; what lies in front of them can be compared', () => {
    const nodes: NodeParts[] = [
      { op: 'Conv', name: 'c', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'NonMaxSuppression', name: 'nms', inputs: ['a'], outputs: ['b'] },
      { op: 'Wonder', name: 'last', inputs: ['b'], outputs: ['y'] },
    ];
    const parts = { nodes, inputs: { x: ['n', 3, 'h', 'w'] }, initializers: [floats('w', [1, 3, 1, 1], [1, 2, 3])] };
    const model = parsed(parts);
    expect(describeOnnx(model).missing.at(-1)).to.deep.equal({ op: 'Wonder', node: 'last' });
    expect(candidates(model)).to.deep.equal(['a']);
    expect(use(parts).compare).to.deep.equal(['a']);
  });

  it('the stride is that of the smallest map on the way', () => {
    expect(strideOf(parsed(tinyParts(2)).graph, ['answer'])).to.equal(2);
    const pool = (from: string, to: string): NodeParts => ({ op: 'MaxPool', inputs: [from], outputs: [to], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }); // prettier-ignore
    const sizes = (resize: string[]): number => {
      const nodes = [pool('x', 'a'), pool('a', 'b'), { op: 'Resize', inputs: ['b', ...resize], outputs: ['c'] }, { op: 'Add', inputs: ['a', 'c'], outputs: ['d'] }, pool('d', 'y')]; // prettier-ignore
      const initializers = [floats('twice', [4], [1, 1, 2, 2])];
      const inputs = { x: ['n', 3, 'h', 'w'], size: [4] };
      return strideOf(parsed({ nodes, initializers, inputs }).graph, ['y']);
    };
    expect(sizes(['', 'twice'])).to.equal(4);
    expect(sizes(['', '', 'size'])).to.equal(4);
  });
});
