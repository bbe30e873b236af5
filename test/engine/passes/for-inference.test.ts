import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../../src/engine/compile.js';
import { liveNodes } from '../../../src/engine/graph.js';
import { hasKernels } from '../../../src/engine/host-memory.js';
import { nativeBackend } from '../../../src/engine/native.js';
import { forInference } from '../../../src/engine/passes/for-inference.js';
import { trace } from '../../../src/engine/trace.js';
import { conv2d, convTranspose2d, matMul } from '../../../src/ops/index.js';
import { expectTensor, onTensorflow } from '../../support/engines.js';

const random = (shape: number[], seed = 1): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** A network of a few layers, whose weights are made by their shapes. */
interface Case {
  x: number[];
  weights: number[][];
  run: (x: tf.Tensor, ...weights: tf.Tensor[]) => tf.Tensor;
  /** Ops of its graph for inference, without constants and what only gives other shapes. */
  ops: string[];
  /** What the ops have joined, in order. */
  joined?: string[];
  /** Further pictures, of other sizes. */
  others?: number[][];
}

const picture = (x: tf.Tensor, w: tf.Tensor): tf.Tensor4D => conv2d(x as tf.Tensor4D, w as tf.Tensor4D);
const depthwise = (x: tf.Tensor, w: tf.Tensor): tf.Tensor4D =>
  conv2d(x as tf.Tensor4D, w as tf.Tensor4D, { pads: [1, 1, 1, 1] });
const hardSwish = (x: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, tf.relu6(tf.add(x, 3))), 1 / 6);
const gelu = (x: tf.Tensor): tf.Tensor =>
  tf.mul(tf.mul(x, tf.add(tf.erf(tf.div(x, tf.scalar(Math.SQRT2))), 1)), tf.scalar(0.5));
const layerNorm = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor => {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), offset);
};
/** Of three heads, as exporters write it. */
const attention = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => {
  const tokens = x.shape[0]!;
  const all = tf.reshape(matMul(x as tf.Tensor2D, w as tf.Tensor2D), [tokens, 3, 3, 16]);
  const [q, k, v] = tf.split(all, 3, 1).map((one) => tf.reshape(one, [tokens, 3, 16])) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const scores = matMul(tf.transpose(tf.mul(q, 0.02), [1, 0, 2]), tf.transpose(k, [1, 2, 0]));
  const mixed = matMul(tf.softmax(scores), tf.transpose(v, [1, 0, 2]));
  return tf.reshape(tf.transpose(mixed, [1, 0, 2]), [tokens, 48]);
};

const CASES: Record<string, Case> = {
  'a convolution, a vector, ReLU': {
    x: [1, 8, 8, 3],
    weights: [[3, 3, 3, 8], [8]],
    run: (x, w, b) => tf.relu(tf.add(picture(x, w!), b!)),
    ops: ['_FusedConv2D'],
    joined: ['BiasAdd,Relu'],
    others: [
      [1, 10, 12, 3],
      [2, 8, 8, 3],
    ],
  },
  'a residual block': {
    x: [1, 8, 8, 8],
    weights: [[1, 1, 8, 8], [8], [1, 1, 8, 8], [8]],
    run: (x, w, b, v, c) => tf.relu(tf.add(x, tf.add(picture(tf.relu(tf.add(picture(x, w!), b!)), v!), c!))),
    ops: ['_FusedConv2D', '_FusedConv2D'],
    joined: ['BiasAdd,Relu', 'BiasAdd,Add,Relu'],
    others: [[3, 5, 4, 8]],
  },
  'two branches that are added': {
    x: [1, 8, 8, 8],
    weights: [[1, 1, 8, 4], [4], [1, 1, 8, 4], [4]],
    run: (x, w, b, v, c) => tf.relu6(tf.add(tf.add(picture(x, w!), b!), tf.add(picture(x, v!), c!))),
    ops: ['_FusedConv2D', '_FusedConv2D'],
    joined: ['BiasAdd', 'BiasAdd,Add,Relu6'],
  },
  'a sum that is read twice': {
    x: [1, 6, 6, 4],
    weights: [[1, 1, 4, 4], [4]],
    run: (x, w, b) => {
      const sum = tf.add(picture(x, w!), b!);
      return tf.add(tf.relu(sum), tf.sin(sum));
    },
    ops: ['_FusedConv2D', 'GearnnPointwise', 'Sin', 'AddV2'],
    joined: ['BiasAdd'],
  },
  'a depthwise convolution, a vector, hard swish': {
    x: [1, 7, 7, 6],
    weights: [[3, 3, 1, 6], [6]],
    run: (x, w, b) => hardSwish(tf.add(depthwise(x, w!), b!)),
    ops: ['_FusedDepthwiseConv2dNative'],
    joined: ['BiasAdd,_FusedHardSwish'],
  },
  "Paddle's learned scales around hard swish": {
    x: [1, 6, 6, 4],
    weights: [[1, 1, 4, 8], [8]],
    run: (x, w, b) => {
      const scaled = tf.add(tf.mul(tf.add(picture(x, w!), b!), 1.5), 0.25);
      return tf.add(tf.mul(hardSwish(scaled), 0.75), -0.5);
    },
    ops: ['_FusedConv2D', 'GearnnPointwise'],
    joined: ['BiasAdd,_FusedHardSwish'],
    others: [[2, 9, 6, 4]],
  },
  'products and sums behind a transposed convolution': {
    x: [1, 4, 4, 5],
    weights: [[2, 2, 6, 5], [6], [6]],
    run: (x, w, s, b) =>
      tf.div(tf.sub(tf.mul(convTranspose2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, { strides: [2, 2] }), s!), b!), 3),
    ops: ['Conv2DBackpropInput', 'BiasAdd'],
  },
  'a matrix product, a vector, GELU, another and what came in': {
    x: [5, 16],
    weights: [[16, 32], [32], [32, 16], [16]],
    run: (x, w, b, v, c) => {
      const inner = gelu(tf.add(matMul(x as tf.Tensor2D, w as tf.Tensor2D), b!));
      return tf.add(x, tf.add(matMul(inner as tf.Tensor2D, v as tf.Tensor2D), c!));
    },
    ops: ['_FusedConv2D', 'GearnnPointwise', '_FusedConv2D'],
    joined: ['BiasAdd', 'BiasAdd,Add'],
    others: [
      [1, 16],
      [130, 16],
    ],
  },
  'layer normalization': {
    x: [2, 7, 48],
    weights: [[48], [48]],
    run: (x, scale, offset) => layerNorm(x, scale!, offset!),
    ops: ['GearnnLayerNorm'],
    others: [
      [1, 1, 48],
      [3, 400, 48],
    ],
  },
  'layer normalization of another axis is none': {
    x: [2, 7, 7],
    weights: [[7], [7]],
    run: (x, scale, offset) => {
      const centred = tf.sub(x, tf.mean(x, 1, true));
      return tf.add(
        tf.mul(tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-5))), scale!),
        offset!,
      );
    },
    ops: ['Mean', 'Sub', 'Square', 'Mean', 'GearnnPointwise', 'Rsqrt', 'Mul', 'Mul', 'Add'],
  },
  attention: {
    x: [40, 24],
    weights: [[24, 144]],
    run: (x, w) => attention(x, w!),
    ops: ['Conv2D', ...Array<string>(2).fill('GearnnView'), 'BatchMatMulV2', 'Softmax', 'GearnnView', 'BatchMatMulV2', 'GearnnView'], // prettier-ignore
    others: [
      [7, 24],
      [300, 24],
    ],
  },
  'a turn of the last axis stays what it is': {
    x: [4, 5, 6],
    weights: [],
    run: (x) => tf.add(tf.transpose(x, [2, 0, 1]), 1),
    ops: ['Transpose', 'GearnnPointwise'],
  },
  'a chain of what is done to every number': {
    x: [3, 700],
    weights: [],
    run: (x) => tf.minimum(tf.sub(tf.relu6(tf.add(tf.mul(2.5, x), 1)), 0.5), 3),
    ops: ['GearnnPointwise'],
    others: [
      [1, 1],
      [64, 1024],
    ],
  },
  SiLU: {
    x: [2, 300],
    weights: [],
    run: (x) => {
      const wide = tf.mul(x, 30);
      return tf.mul(wide, tf.sigmoid(wide));
    },
    ops: ['GearnnPointwise'],
  },
};

onTensorflow('engine: graphs for inference', () => {
  for (const [name, { x: shape, weights: shapes, run, ops, joined = [], others = [] }] of Object.entries(CASES)) {
    describe(name, () => {
      let weights: tf.Variable[];
      const forward = (x: tf.Tensor): tf.Tensor => run(x, ...weights);
      beforeEach(() => {
        weights = tf.tidy(() => shapes.map((one, i) => tf.variable(random(one, i + 2))));
      });
      afterEach(() => tf.dispose(weights));

      it(`is ${ops.join(', ')}`, function () {
        if (!hasKernels()) this.skip();
        const backend = nativeBackend()!;
        const x = random(shape);
        const { outputs } = trace(backend, forward, [x], { fold: () => true });
        x.dispose();
        const nodes = liveNodes(forInference(backend.binding, [outputs[0]!.ref])).filter(
          ({ op }) => !/^(Placeholder|Const|Reshape|Identity)$/.test(op),
        );
        expect(nodes.map(({ op }) => op).map((op) => op.replace(/^Add$/, 'AddV2'))).to.deep.equal(
          ops.map((op) => op.replace(/^Add$/, 'AddV2')),
        );
        const fused = nodes.flatMap((node) => (node.attr('fused_ops') as string[] | undefined)?.join() ?? []);
        expect(fused).to.deep.equal(joined);
      });

      for (const [precision, near] of [
        ['fp32', 2e-6],
        ['bf16', 4e-2],
      ] as const) {
        it(`answers as the function itself, in ${precision}, at every size`, () => {
          const compiled = compile(forward, undefined, { fold: () => true, shareSizes: true, precision });
          for (const size of [shape, ...others, shape]) {
            const x = random(size, 9);
            const copy = x.clone();
            tf.tidy(() => expectTensor(compiled(x), forward(x), near, `[${size}]`));
            // What is computed in place is not the caller's.
            expectTensor(x, copy, 0);
            tf.dispose([x, copy]);
          }
          compiled.dispose();
        });
      }
    });
  }

  it('limits keep what is no number, and sigmoids end at 0 and 1', () => {
    const x = tf.tensor1d([NaN, Infinity, -Infinity, 1e30, -1e30, 200, -200, 0]);
    for (const run of [tf.relu6, tf.sigmoid]) {
      const compiled = compile((x: tf.Tensor) => run(x), undefined, { fold: () => true });
      const [made, expected] = [compiled(x), run(x)];
      expectTensor(made, expected, 1e-7);
      compiled.dispose();
      tf.dispose([made, expected]);
    }
    x.dispose();
  });
});
