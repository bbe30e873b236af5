import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../../src/engine/compile.js';
import { bf16Support } from '../../../src/engine/cpu.js';
import { DT_BFLOAT16 } from '../../../src/engine/native.js';
import { setEnginePrecision } from '../../../src/engine/precision.js';
import { createNetwork } from '../../../src/models/registry.js';
import { batchNormTraining, softmaxCrossEntropy } from '../../../src/ops/index.js';
import { expectTensor, onEngines, onTensorflow } from '../../support/engines.js';
import { unsupported } from '../../support/tools.js';

type Inputs = [x: tf.Tensor4D, filter: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D];

/** Convolution, normalization by the batch's statistics, ReLU, loss: what a training step consists of. */
function loss(x: tf.Tensor4D, filter: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D): tf.Scalar {
  const { y } = batchNormTraining(tf.conv2d(x, filter, 1, 'same', 'NHWC', 2), { scale, offset }, 1e-5);
  const labels = tf.tensor3d(
    Array.from({ length: 2 * 8 * 9 }, (_, i) => i % 5),
    [2, 8, 9],
    'int32',
  );
  return softmaxCrossEntropy(tf.relu(y), labels, 4);
}

const inputs = (): Inputs => [
  tf.randomUniform([2, 8, 9, 8], -1, 1, 'float32', 1),
  tf.randomUniform([3, 3, 8, 4], -1, 1, 'float32', 2),
  tf.tensor1d([1, 1.1, 0.9, 1.2]),
  tf.tensor1d([0.1, 0, -0.1, 0.2]),
];

for (const imitated of [false, true]) {
  onTensorflow(`compile: bf16${imitated ? ', imitated in fp32' : ''}`, () => {
    before(function () {
      if (!imitated && !bf16Support().supported) unsupported(this, 'has a processor without bf16 instructions');
      setEnginePrecision('fp32', { refusal: null, imitated });
    });
    after(() => setEnginePrecision('fp32', { refusal: null, imitated: false }));

    it('gradients of convolution, normalization, ReLU and loss are within 2 % of fp32, and not the same', () => {
      const gradients = (...x: Inputs): tf.Tensor[] => tf.grads(loss as (...x: tf.Tensor[]) => tf.Scalar)(x);
      const [fp32, bf16] = [
        compile(gradients, undefined, { precision: 'fp32' }),
        compile(gradients, undefined, { precision: 'bf16' }),
      ];
      const given = inputs();
      tf.tidy(() => {
        const expected = fp32(...given);
        bf16(...given).forEach((gradient, i) => {
          expectTensor(gradient, expected[i]!, 0.02, `gradient ${i}`);
          expect(gradient.dataSync(), `gradient ${i}`).not.to.deep.equal(expected[i]!.dataSync());
        });
      });
      fp32.dispose();
      bf16.dispose();
      tf.dispose(given);
    });

    it("a network's answers agree with those of fp32 at 97 % of the pixels and more, untrained as it is", () => {
      const network = createNetwork({ name: 'drn-d-22', classes: 5, width: 0.25 }, { seed: 2 });
      const forward = (x: tf.Tensor4D): tf.Tensor => tf.argMax(network.forward(x).logits!, -1);
      const [fp32, bf16] = [
        compile(forward, undefined, { precision: 'fp32' }),
        compile(forward, undefined, { precision: 'bf16' }),
      ];
      const x = tf.randomUniform([2, 32, 48, 3], -2, 2, 'float32', 1) as tf.Tensor4D;
      const same = tf.tidy(() => tf.mean(tf.cast(tf.equal(fp32(x), bf16(x)), 'float32')).dataSync()[0]!);
      expect(same).to.be.within(0.97, 0.99999);
      fp32.dispose();
      bf16.dispose();
      x.dispose();
      network.dispose();
    });

    it('a constant filter is rounded to the nearest bfloat16, ties to even, as TensorFlow rounds a fed one', () => {
      // 1 + 2^-8 lies half-way between 1 and 1 + 2^-7, 1 + 3 * 2^-8 between 1 + 2^-7 and 1 + 2^-6.
      const values = [1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8, 1 + 2 ** -8 + 2 ** -20, 3.0e38, 1e-40, NaN];
      const filter = tf.tensor4d(values, [1, 1, 1, 7]);
      const x = tf.ones([1, 1, 1, 1]) as tf.Tensor4D;
      const constant = compile((a: tf.Tensor4D) => tf.conv2d(a, filter, 1, 'same'), undefined, {
        precision: 'bf16',
        constants: [filter],
      });
      const fed = compile((a: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(a, f, 1, 'same'), undefined, {
        precision: 'bf16',
      });
      tf.tidy(() => {
        const result = constant(x).dataSync();
        expect([...result.slice(0, 4)]).to.deep.equal([1, 1 + 2 ** -6, -1, 1 + 2 ** -7]);
        expect(result).to.deep.equal(fed(x, filter).dataSync());
      });
      constant.dispose();
      fed.dispose();
      tf.dispose([filter, x]);
    });

    it('integers and results keep their types', () => {
      const compiled = compile(
        (x: tf.Tensor4D, f: tf.Tensor4D, ids: tf.Tensor1D) => {
          const y = tf.conv2d(x, f, 1, 'same');
          return { y, relu: tf.relu(y), ids: tf.mul(ids, ids), largest: tf.argMax(y, -1) };
        },
        undefined,
        { precision: 'bf16' },
      );
      const given = inputs();
      const [x, filter] = given;
      tf.tidy(() => {
        const { y, relu, ids, largest } = compiled(x, filter, tf.tensor1d([1, 2], 'int32')) as Record<
          string,
          tf.Tensor
        >;
        expect([y!.dtype, relu!.dtype, ids!.dtype, largest!.dtype]).to.deep.equal([
          'float32',
          'float32',
          'int32',
          'int32',
        ]);
        expect([...ids!.dataSync()]).to.deep.equal([1, 4]);
      });
      compiled.dispose();
      tf.dispose(given);
    });
  });
}

onTensorflow('compile: bf16, imitated in fp32', () => {
  before(() => setEnginePrecision('fp32', { refusal: null, imitated: true }));
  after(() => setEnginePrecision('fp32', { refusal: null, imitated: false }));

  it('a number of inputs that is the code of bfloat16 stays what it is', () => {
    const [image, filter, ...others] = inputs();
    tf.dispose(others);
    const stacked = compile(
      (x: tf.Tensor4D, f: tf.Tensor4D) => {
        const y = tf.conv2d(x, f, 1, 'same');
        return tf.stack(Array.from({ length: DT_BFLOAT16 }, (_, i) => tf.mul(y, i)));
      },
      undefined,
      { precision: 'bf16' },
    );
    tf.tidy(() => {
      const result = stacked(image, filter);
      expect(result.shape[0]).to.equal(14);
      expectTensor(tf.slice(result, 13, 1), tf.mul(tf.slice(result, 1, 1), 13), 2 ** -7, 'the last');
    });
    stacked.dispose();
    tf.dispose([image, filter]);
  });

  it('a convolution rounds its inputs and its result to bfloat16, and nothing between', () => {
    const [image, filter, ...others] = inputs();
    tf.dispose(others);
    const given: [tf.Tensor4D, tf.Tensor4D] = [image, filter];
    const compiled = compile((x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, 1, 'same'), undefined, {
      precision: 'bf16',
    });
    const constant = compile((x: tf.Tensor4D) => tf.conv2d(x, given[1], 1, 'same'), undefined, {
      precision: 'bf16',
      constants: [given[1]],
    });
    tf.tidy(() => {
      const result = compiled(...given).dataSync();
      expect(constant(given[0]).dataSync()).to.deep.equal(result);
      const [x, f] = given.map(rounded) as typeof given;
      // Eager fp32 sums in another order, so a sum at the border of two bfloat16 numbers may fall to the other.
      const expected = rounded(tf.conv2d(x, f, 1, 'same')).dataSync();
      result.forEach((value, i) => expect(value).to.be.closeTo(expected[i]!, Math.abs(expected[i]!) * 2 ** -7));
      expect(result.filter((value, i) => value !== expected[i]).length).to.be.below(result.length / 100);
      expect(result).to.deep.equal(rounded(compiled(...given)).dataSync());
    });
    compiled.dispose();
    constant.dispose();
    tf.dispose(given);
  });

  it('ReLU, padding, slices and sums of bfloat16 numbers are bfloat16 numbers too', () => {
    const compiled = compile(
      (x: tf.Tensor4D, f: tf.Tensor4D) => {
        const y = tf.conv2d(x, f, 1, 'same');
        const relu = tf.relu(
          tf.pad(y, [
            [0, 0],
            [1, 1],
            [0, 0],
            [0, 0],
          ]),
        );
        return [relu, tf.add(tf.slice(relu, [0, 1, 0, 0], y.shape), y)];
      },
      undefined,
      { precision: 'bf16' },
    );
    const [x, f, ...rest] = inputs();
    tf.tidy(() => {
      for (const result of compiled(x, f)) expect(result.dataSync()).to.deep.equal(rounded(result).dataSync());
    });
    compiled.dispose();
    tf.dispose([x, f, ...rest]);
  });

  it('gradients of convolution, normalization, ReLU and loss are those of bf16 arithmetic within its last place', function () {
    if (!bf16Support().supported) unsupported(this, 'has a processor without bf16 instructions to compare with');
    const gradients = (...x: Inputs): tf.Tensor[] => tf.grads(loss as (...x: tf.Tensor[]) => tf.Scalar)(x);
    const given = inputs();
    tf.tidy(() => {
      const imitated = compile(gradients, given, { precision: 'bf16' });
      setEnginePrecision('fp32', { refusal: null, imitated: false });
      const native = compile(gradients, given, { precision: 'bf16' });
      setEnginePrecision('fp32', { refusal: null, imitated: true });
      const expected = native(...given);
      imitated(...given).forEach((gradient, i) => expectTensor(gradient, expected[i]!, 2 ** -7, `gradient ${i}`));
      imitated.dispose();
      native.dispose();
    });
    tf.dispose(given);
  });
});

/** To the nearest bfloat16 by arithmetic on the number, not on its bits. */
function rounded<T extends tf.Tensor>(x: T): T {
  const values = Array.from(x.dataSync(), (value) => {
    if (value === 0) return 0;
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 7);
    const [scaled, below] = [value / unit, Math.floor(value / unit)];
    const rest = scaled - below;
    return unit * (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below);
  });
  return tf.tensor(values, x.shape) as T;
}

onEngines(
  'compile: bf16',
  () => {
    it('is refused when it is asked for', () => {
      expect(() => compile((x: tf.Tensor) => x, undefined, { precision: 'bf16' }))
        .to.throw(/which computes in fp32 only/)
        .with.property('code', 'E_ENGINE_PRECISION');
    });
  },
  ['cpu', 'wasm'],
);
