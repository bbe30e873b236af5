import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../../src/engine/index.js';
import { candidates } from '../../../src/models/onnx/describe.js';
import { OnnxGraph } from '../../../src/models/onnx/graph.js';
import { compileOnnx, runOnnx } from '../../../src/models/onnx/index.js';
import { Value } from '../../../src/models/onnx/value.js';
import { onEngines } from '../../support/engines.js';
import { floats, integers, parsed, withFile, type GraphParts } from './support/build.js';
import { refusal } from './support/refusal.js';

/** Scores by a product, boxes as they are, suppression, and the boxes that stay: the end of exported detectors. */
const DETECTOR: GraphParts = {
  nodes: [
    { op: 'Mul', inputs: ['likely', 'weight'], outputs: ['scores'] },
    { op: 'NonMaxSuppression', inputs: ['boxes', 'scores', 'most', 'overlap', 'least'], outputs: ['chosen'] },
    { op: 'Gather', inputs: ['chosen', 'column'], outputs: ['places'], attributes: { axis: 1 } },
    { op: 'Gather', inputs: ['boxes', 'places'], outputs: ['found'], attributes: { axis: 1 } },
  ],
  inputs: { boxes: [1, 'n', 4], likely: [1, 1, 'n'] },
  outputs: ['found', 'scores', 'chosen'],
  initializers: [
    floats('weight', [1], [0.5]),
    integers('most', [3]),
    floats('overlap', [1], [0.5]),
    floats('least', [1], [0.1]),
    integers('column', [2], []),
  ],
};

/** Of the picture's sum how often it can be halved before it is below 1. */
const HALVING: GraphParts = {
  nodes: [
    { op: 'ReduceSum', inputs: ['x'], outputs: ['sum'], attributes: { keepdims: 0 } },
    { op: 'GreaterOrEqual', inputs: ['sum', 'one'], outputs: ['is'] },
    {
      op: 'Loop',
      name: 'halve',
      inputs: ['', 'is', 'sum'],
      outputs: ['rest', 'y'],
      attributes: {
        body: {
          graph: {
            nodes: [
              { op: 'Div', inputs: ['before', 'two'], outputs: ['after'] },
              { op: 'GreaterOrEqual', inputs: ['after', 'one'], outputs: ['more'] },
              { op: 'Identity', inputs: ['after'], outputs: ['kept'] },
            ],
            inputs: { trip: [], goes: [], before: [] },
            outputs: ['more', 'after', 'kept'],
          },
        },
      },
    },
  ],
  inputs: { x: ['n'] },
  outputs: ['rest', 'y'],
  initializers: [floats('one', [], [1]), floats('two', [], [2])],
};

/** The third power and those below it, by a count that the file says. */
const POWERS: GraphParts = {
  nodes: [
    {
      op: 'Loop',
      inputs: ['three', '', 'x'],
      outputs: ['y', 'all'],
      attributes: {
        body: {
          graph: {
            nodes: [
              { op: 'Mul', inputs: ['before', 'w'], outputs: ['after'] },
              { op: 'Identity', inputs: ['goes'], outputs: ['more'] },
              { op: 'Identity', inputs: ['after'], outputs: ['kept'] },
            ],
            inputs: { trip: [], goes: [], before: ['n'] },
            outputs: ['more', 'after', 'kept'],
          },
        },
      },
    },
  ],
  inputs: { x: ['n'] },
  outputs: ['y', 'all'],
  initializers: [integers('three', [3], []), floats('w', [2], [2, 3])],
};

function answers(outputs: Record<string, tf.Tensor>): Record<string, readonly number[]> {
  const values = Object.entries(outputs).map(([name, one]) => [name, [...one.dataSync()]] as const);
  tf.dispose(outputs);
  return Object.fromEntries(values);
}

onEngines('onnx: what values decide', (engine) => {
  it('boxes that stay, of as many as each picture has', () =>
    withFile(DETECTOR, async (path) => {
      const before = tf.memory().numTensors;
      const network = await compileOnnx(path);
      const one = [0, 0, 10, 10];
      const [near, far] = [[0, 1, 10, 10], [20, 20, 30, 30]]; // prettier-ignore
      for (const [likely, kept] of [
        [
          [0.4, 0.8, 0.6],
          [1, 2],
        ],
        [[0.4, 0.1, 0.1], [0]],
        [[0.1, 0.1, 0.1], []],
      ] as const) {
        const inputs = { boxes: tf.tensor3d([[one, near, far]]), likely: tf.tensor3d([[[...likely]]]) };
        const boxes = [one, near, far];
        for (const run of [network.run(inputs), await runOnnx(path, inputs)]) {
          const { found, chosen, scores } = answers(run);
          expect(chosen).to.deep.equal(kept.flatMap((place) => [0, 0, place]));
          expect(found).to.deep.equal(kept.flatMap((place) => boxes[place]!));
          expect(scores![0]).to.be.closeTo(likely[0] / 2, 1e-7);
        }
        tf.dispose(inputs);
      }
      network.dispose();
      expect(tf.memory().numTensors).to.equal(before);
    }));

  it('nothing is learned from what lies behind the suppression of boxes', () => {
    expect(candidates(parsed(DETECTOR))).to.deep.equal(['scores']);
  });

  it('a loop that a computed condition ends, and its values of every run', () =>
    withFile(HALVING, async (path) => {
      const network = await compileOnnx(path);
      for (const [x, rest, y] of [
        [[4, 3], 0.875, [3.5, 1.75, 0.875]],
        [[1], 0.5, [0.5]],
        [[0.25], 0.25, []],
      ] as const) {
        const inputs = { x: tf.tensor1d([...x]) };
        for (const run of [network.run(inputs), await runOnnx(path, inputs)])
          expect(answers(run)).to.deep.equal({ rest: [rest], y });
        tf.dispose(inputs);
      }
      network.dispose();
    }));

  it('a loop of a count that the file says is part of one graph, and has a gradient', () => {
    const graph = new OnnxGraph(parsed(POWERS));
    const forward = (x: tf.Tensor): tf.Tensor[] =>
      ['y', 'all'].map((name) =>
        graph
          .run(new Map([['x', Value.of('float32', x)]]))
          .get(name)!
          .tensor(),
      );
    const slope = compile((x: tf.Tensor) => [
      ...forward(x),
      tf.grad((at: tf.Tensor) => tf.sum(tf.square(forward(at)[0]!)))(x),
    ]);
    const x = tf.tensor1d([1, 2]);
    const [y, all, gradient] = slope(x);
    expect([...y!.dataSync()]).to.deep.equal([8, 54]);
    expect([...all!.dataSync()]).to.deep.equal([2, 6, 4, 18, 8, 54]);
    // Of (8 x)^2 and (27 x)^2.
    expect([...gradient!.dataSync()]).to.deep.equal([128, 2 * 27 * 54]);
    slope.dispose();
    tf.dispose([x, y!, all!, gradient!]);
  });

  it('is refused by the name of its node in the middle of a graph that is compiled', () => {
    const graph = new OnnxGraph(parsed(HALVING));
    const forward = compile((x: tf.Tensor) =>
      graph
        .run(new Map([['x', Value.of('float32', x)]]))
        .get('rest')!
        .tensor(),
    );
    const x = tf.tensor1d([4, 3]);
    if (engine === 'tensorflow')
      expect(refusal(() => forward(x), 'E_ONNX_NODE')).to.match(/Loop "halve".*computed from the input/);
    else expect(answers({ y: forward(x) })).to.deep.equal({ y: [0.875] });
    x.dispose();
  });

  it('a loop of more runs than a graph can hold is refused', () => {
    const { nodes, ...rest } = POWERS;
    const graph = new OnnxGraph(parsed({ ...rest, nodes, initializers: [integers('three', [2 ** 40], []), floats('w', [2], [1, 1])] })); // prettier-ignore
    const run = (): unknown =>
      tf.tidy(() => void graph.run(new Map([['x', Value.of('float32', tf.tensor1d([1, 2]))]])));
    expect(refusal(run, 'E_ONNX_NODE')).to.match(/Loop "y".*at most 16384/);
  });
});
