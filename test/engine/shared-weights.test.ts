import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import { memoryUse } from '../../src/engine/memory.js';
import { expectTensor, onTensorflow } from '../support/engines.js';
import { programOf } from '../support/programs.js';

const random = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const weights = (...shapes: number[][]): tf.Variable[] =>
  tf.tidy(() => shapes.map((shape, i) => tf.variable(random(shape, i + 1))));
const fold = (): boolean => true;

onTensorflow('compile: weights that a graph shares with the process', () => {
  it('those of one shape are kept apart, and all have their values', () => {
    const all = weights(...Array<number[]>(12).fill([64, 64]));
    const product = (x: tf.Tensor): tf.Tensor =>
      all.reduce((sum, w) => tf.add(sum, tf.matMul(tf.relu(x), w as tf.Tensor2D)), tf.zeros([4, 64]));
    const compiled = compile(product, undefined, { fold });
    tf.tidy(() => {
      const x = random([4, 64], 99);
      expectTensor(compiled(x), product(x), 1e-5);
    });
    compiled.dispose();
    tf.dispose(all);
  });

  it('what only depends on constants is computed with their values, not with what stands for them', () => {
    const [filter, scale, shift] = weights([3, 3, 16, 2048], [2048], [1, 1, 1, 2048]);
    const answer = (x: tf.Tensor): tf.Tensor => {
      const y = tf.conv2d(x as tf.Tensor4D, tf.mul(filter!, 2) as tf.Tensor4D, 1, 'same');
      return tf.add(tf.mul(y, tf.square(scale!)), tf.mul(shift!, tf.neg(scale!)));
    };
    const compiled = compile(answer, undefined, { fold });
    tf.tidy(() => {
      const x = random([1, 6, 5, 16], 99);
      expectTensor(compiled(x), answer(x), 1e-5);
    });
    compiled.dispose();
    tf.dispose([filter!, scale!, shift!]);
  });

  it('the graph keeps them when variables are assigned or gone, and lets them go with itself', () => {
    const before = memoryUse();
    const [weight] = weights([64, 64]);
    const forward = (x: tf.Tensor): tf.Tensor => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D);
    const kept = compile(forward, undefined, { fold });
    // Loaded, but not run, when its weight changes.
    const example = random([2, 64], 8);
    const unused = compile(forward, [example], { fold });
    const [x, expected] = tf.tidy(() => {
      const x = random([2, 64], 7);
      return [x, forward(x)];
    });
    tf.tidy(() => expectTensor(kept(x!), expected!, 1e-6));
    tf.tidy(() => weight!.assign(tf.zeros([64, 64])));
    tf.tidy(() => expectTensor(kept(x!), expected!, 1e-6));
    weight!.dispose();
    tf.tidy(() => expectTensor(kept(x!), expected!, 1e-6));
    for (const one of [kept, unused]) one.dispose();
    tf.dispose([example, x!, expected!]);
    expect(memoryUse().nativeTensors! - before.nativeTensors!).to.be.within(0, 1);
  });

  it('a recording that computes no large values gives indices that any table has', () => {
    const size = 2 ** 19;
    const [table] = weights([100]);
    const pick = (x: tf.Tensor): tf.Tensor => tf.gather(table!, tf.cast(tf.floor(tf.mul(x, 99)), 'int32'));
    const compiled = compile(pick, undefined, { makesVariables: false });
    tf.tidy(() => {
      // Memory that was used before, so that what is not written holds other numbers than 0.
      for (let i = 0; i < 4; i++) tf.fill([size], 1e9 * (i + 1)).dispose();
      const x = tf.randomUniform([size], 0, 1, 'float32', 5);
      expectTensor(compiled(x), pick(x), 0);
    });
    compiled.dispose();
    table!.dispose();
  });

  it('a graph takes little more memory than its weights, also while it is made', function () {
    if (process.platform !== 'linux') this.skip();
    const child = spawnSync(process.execPath, programOf('./support/peak-of-graph', import.meta.url), {
      encoding: 'utf8',
    });
    expect(child.stderr).to.equal('');
    const { before, peak, bytes } = JSON.parse(child.stdout) as Record<'before' | 'peak' | 'bytes', number>;
    expect(bytes).to.equal(16 * 4 * 2048 ** 2);
    // Before weights were shared, it was five times their size.
    expect(peak - before).to.be.below(1.5 * bytes);
  });
});
