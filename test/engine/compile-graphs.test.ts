import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import { memoryUse } from '../../src/engine/memory.js';
import { expectClose, onTensorflow } from '../support/engines.js';
import { numbers, variable } from './support/values.js';

onTensorflow('compile: graphs', () => {
  it('the function runs once for a graph, not for each run', () => {
    let calls = 0;
    const compiled = compile((x: tf.Tensor) => {
      calls++;
      return tf.neg(x);
    });
    tf.tidy(() => {
      for (let i = 0; i < 3; i++) compiled(tf.ones([2]));
    });
    expect(calls).to.equal(1);
    compiled.dispose();
  });

  it('shapes can be prepared before the first call', () => {
    let calls = 0;
    const x = tf.ones([2]);
    const compiled = compile((t: tf.Tensor) => (calls++, tf.neg(t)), [x]);
    expect([compiled.graphs, calls]).to.deep.equal([1, 1]);
    compiled(x).dispose();
    expect(calls).to.equal(1);
    compiled.dispose();
    x.dispose();
  });

  it('a bounded cache forgets the graph used longest ago, and makes it again when it is needed', () => {
    const made: number[] = [];
    const compiled = compile((x: tf.Tensor) => (made.push(x.size), tf.sum(x)), undefined, { cacheSize: 2 });
    tf.tidy(() => {
      for (const size of [1, 2, 1, 3, 1, 2]) expect(numbers(compiled(tf.ones([size])))).to.deep.equal([size]);
    });
    expect(made).to.deep.equal([1, 2, 3, 2]);
    expect(compiled.graphs).to.equal(2);
    compiled.dispose();
  });

  it('a disposed one makes its graphs again', () => {
    const compiled = compile((x: tf.Tensor) => tf.neg(x));
    tf.tidy(() => {
      compiled(tf.ones([1]));
      compiled.dispose();
      expect(numbers(compiled(tf.ones([1])))).to.deep.equal([-1]);
    });
    expect(compiled.graphs).to.equal(1);
    compiled.dispose();
  });

  it('a variable that was disposed and replaced between runs is read in its new place', () => {
    let weight = variable([2]);
    const compiled = compile((x: tf.Tensor) => tf.mul(x, weight));
    tf.tidy(() => {
      expect(numbers(compiled(tf.ones([1])))).to.deep.equal([2]);
      weight.dispose();
      weight = variable([3]);
      expect(numbers(compiled(tf.ones([1])))).to.deep.equal([3]);
    });
    expect(compiled.graphs).to.equal(1);
    compiled.dispose();
    weight.dispose();
  });

  it('a variable made on another engine is read anew, too', async () => {
    await tf.setBackend('cpu');
    const weight = variable([2]);
    await tf.setBackend('tensorflow');
    const compiled = compile((x: tf.Tensor) => tf.mul(x, weight));
    tf.tidy(() => {
      expect(numbers(compiled(tf.ones([1])))).to.deep.equal([2]);
      weight.assign(tf.tensor1d([3]));
      expect(numbers(compiled(tf.ones([1])))).to.deep.equal([3]);
    });
    compiled.dispose();
    weight.dispose();
  });

  it('with `constants` a tensor from outside is frozen as it is when the graph is made', () => {
    const table = tf.tensor1d([1, 2, 3]);
    const compiled = compile((x: tf.Tensor) => tf.add(x, table), undefined, { constants: [table] });
    const x = tf.ones([3]);
    expect(compiled(x)).to.satisfy((y: tf.Tensor) => (expectClose(y.dataSync(), [2, 3, 4], 0), y.dispose(), true));
    table.dispose();
    tf.tidy(() => expectClose(compiled(x).dataSync(), [2, 3, 4], 0));
    compiled.dispose();
    x.dispose();
  });

  it('a constant that shares its value with a variable leaves the variable live', () => {
    const weight = variable([2]);
    const frozen = weight.clone();
    const compiled = compile((x: tf.Tensor) => tf.add(tf.mul(x, weight), frozen), undefined, { constants: [frozen] });
    tf.tidy(() => {
      expect(numbers(compiled(tf.tensor1d([10])))).to.deep.equal([22]);
      weight.assign(tf.tensor1d([3]));
      expect(numbers(compiled(tf.tensor1d([10])))).to.deep.equal([32]);
    });
    compiled.dispose();
    tf.dispose([weight, frozen]);
  });

  it('with `fold` the chosen variables are frozen, and the rest are read anew', () => {
    const [base, adapted] = [variable([2]), variable([5])];
    const compiled = compile((x: tf.Tensor) => tf.add(tf.mul(x, base), adapted), undefined, {
      fold: (v) => v === base,
    });
    tf.tidy(() => {
      const x = tf.ones([1]);
      expect(numbers(compiled(x))).to.deep.equal([7]);
      base.assign(tf.tensor1d([100]));
      adapted.assign(tf.tensor1d([6]));
      expect(numbers(compiled(x))).to.deep.equal([8]);
    });
    compiled.dispose();
    tf.dispose([base, adapted]);
  });

  it('no temporary folder stays', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-test-'));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = folder;
    const compiled = compile((x: tf.Tensor) => tf.neg(x));
    try {
      tf.tidy(() => void compiled(tf.ones([1])));
      expect(readdirSync(folder)).to.deep.equal([]);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      rmSync(folder, { recursive: true });
      compiled.dispose();
    }
  });

  it('a graph may stay when its engine is no longer the active one', async () => {
    const compiled = compile((x: tf.Tensor) => tf.neg(x));
    const x = tf.ones([1]);
    compiled(x).dispose();
    await tf.setBackend('cpu');
    tf.tidy(() => expectClose(compiled(x).dataSync(), [-1], 0));
    compiled.dispose();
    await tf.setBackend('tensorflow');
    tf.tidy(() => expectClose(compiled(x).dataSync(), [-1], 0));
    compiled.dispose();
    x.dispose();
  });
});

onTensorflow('compile: memory', () => {
  it('1,000 runs with assignments leave tensors, native tensors and resident memory as they were', () => {
    const weight = variable(Array.from({ length: 100_000 }, (_, i) => i));
    const compiled = compile((x: tf.Tensor) => {
      weight.assign(tf.sub(weight, tf.mul(x, 1e-6)));
      return [tf.sum(weight), tf.mul(weight, x)];
    });
    const x = tf.ones([100_000]);
    const step = (): void => tf.tidy(() => void compiled(x));
    for (let i = 0; i < 100; i++) step();
    const before = memoryUse();
    for (let i = 0; i < 1000; i++) step();
    const after = memoryUse();
    expect(after.tensors).to.equal(before.tensors);
    expect(after.nativeTensors).to.equal(before.nativeTensors);
    // A run's results and new weights are 800 kB, 800 MB in all; JavaScript's collector lets some small objects lie for a while.
    expect(after.resident - before.resident).to.be.below(100e6);
    compiled.dispose();
    tf.dispose([x, weight]);
  });

  it('graphs that come and go leave native tensors and resident memory as they were', () => {
    const table = tf.ones([500, 500]);
    const x = tf.ones([500, 500]);
    const make = (): void => {
      const compiled = compile((y: tf.Tensor) => tf.add(y, table), undefined, { constants: [table] });
      tf.tidy(() => void compiled(x));
      compiled.dispose();
    };
    for (let i = 0; i < 50; i++) make();
    const before = memoryUse();
    for (let i = 0; i < 200; i++) make();
    const after = memoryUse();
    expect([after.tensors, after.nativeTensors]).to.deep.equal([before.tensors, before.nativeTensors]);
    // Their constants alone are 200 MB; JavaScript's collector lets some of what wrote them lie for a while.
    expect(after.resident - before.resident).to.be.below(100e6);
    tf.dispose([table, x]);
  });
});
