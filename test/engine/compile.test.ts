import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { compile } from '../../src/engine/compile.js';
import { onEngines } from '../support/engines.js';
import { numbers, variable } from './support/values.js';

onEngines('compile: inputs and results', (engine) => {
  it('a tensor, a list and a record come back in their form', () => {
    const one = compile((x: tf.Tensor) => tf.square(x));
    const list = compile((x: tf.Tensor) => [tf.square(x), tf.neg(x)]);
    const record = compile((x: tf.Tensor) => ({ square: tf.square(x), minus: tf.neg(x) }));
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      expect(numbers(one(x))).to.deep.equal([1, 4]);
      expect(list(x).map(numbers)).to.deep.equal([
        [1, 4],
        [-1, -2],
      ]);
      const { square, minus } = record(x);
      expect([numbers(square), numbers(minus)]).to.deep.equal([
        [1, 4],
        [-1, -2],
      ]);
    });
    for (const compiled of [one, list, record]) compiled.dispose();
  });

  it('an empty list, and no inputs, are fine', () => {
    const weight = variable([1, 2]);
    const nothing = compile(() => {
      weight.assign(tf.mul(weight, 2));
      return [];
    });
    const constant = compile(() => tf.scalar(3));
    tf.tidy(() => {
      expect(nothing()).to.deep.equal([]);
      expect(nothing()).to.deep.equal([]);
      expect(numbers(weight)).to.deep.equal([4, 8]);
      expect(numbers(constant())).to.deep.equal([3]);
    });
    nothing.dispose();
    constant.dispose();
    weight.dispose();
  });

  it('a result that is an input, a variable, a constant or given twice is a tensor of its own', () => {
    const weight = variable([5]);
    const compiled = compile((x: tf.Tensor) => {
      const y = tf.neg(x);
      return [x, weight, tf.tensor1d([7]), y, y, x.clone()];
    });
    const x = tf.tensor1d([1]);
    for (let run = 0; run < 2; run++) {
      const results = compiled(x);
      expect(results.map((result) => numbers(result)[0])).to.deep.equal([1, 5, 7, -1, -1, 1]);
      results.forEach((result, i) => {
        result.dispose();
        for (const other of results.slice(i + 1)) expect(numbers(other)).to.have.length(1);
      });
    }
    expect(numbers(x)).to.deep.equal([1]);
    expect(numbers(weight)).to.deep.equal([5]);
    compiled.dispose();
    tf.dispose([x, weight]);
  });

  it('int32, bool and string inputs keep their types', () => {
    const compiled = compile((ids: tf.Tensor, mask: tf.Tensor, text: tf.Tensor) => [
      tf.add(ids, ids),
      tf.logicalNot(mask),
      tf.reshape(text, [2, 1]),
    ]);
    tf.tidy(() => {
      const [ids, mask, text] = compiled(
        tf.tensor1d([1, 2 ** 30], 'int32'),
        tf.tensor1d([true, false], 'bool'),
        tf.tensor1d(['ä', 'b']),
      ) as [tf.Tensor, tf.Tensor, tf.Tensor];
      expect([ids.dtype, mask.dtype, text.dtype]).to.deep.equal(['int32', 'bool', 'string']);
      expect(numbers(ids)).to.deep.equal([2, -(2 ** 31)]);
      expect(numbers(mask)).to.deep.equal([0, 1]);
      expect(text.arraySync()).to.deep.equal([['ä'], ['b']]);
    });
    compiled.dispose();
  });

  it('inputs that share one value at first are told apart later', () => {
    const weight = variable([10]);
    const compiled = compile((x: tf.Tensor, y: tf.Tensor) => tf.add(tf.mul(x, weight), y));
    tf.tidy(() => {
      const same = weight.clone();
      expect(numbers(compiled(same, same))).to.deep.equal([110]);
      expect(numbers(compiled(tf.tensor1d([2]), tf.tensor1d([3])))).to.deep.equal([23]);
    });
    compiled.dispose();
    weight.dispose();
  });

  it('variables that share one value at first are told apart later', () => {
    const [a, b] = [variable([1]), variable([2])];
    tf.tidy(() => {
      const value = tf.tensor1d([3]);
      a.assign(value);
      b.assign(value);
    });
    const compiled = compile((x: tf.Tensor) => tf.add(tf.mul(x, a), b));
    tf.tidy(() => {
      const x = tf.tensor1d([10]);
      expect(numbers(compiled(x))).to.deep.equal([33]);
      b.assign(tf.tensor1d([5]));
      expect(numbers(compiled(x))).to.deep.equal([35]);
    });
    compiled.dispose();
    tf.dispose([a, b]);
  });

  it('variables are read anew on every run, and assigned after it', () => {
    const count = variable([0]);
    const compiled = compile((x: tf.Tensor) => {
      count.assign(tf.add(count, x));
      count.assign(tf.add(count, x));
      return tf.mul(count, 10);
    });
    tf.tidy(() => {
      const x = tf.tensor1d([1]);
      expect(numbers(compiled(x))).to.deep.equal([20]);
      expect(numbers(compiled(x))).to.deep.equal([40]);
      count.assign(tf.tensor1d([100]));
      expect(numbers(compiled(x))).to.deep.equal([1020]);
      expect(numbers(count)).to.deep.equal([102]);
    });
    compiled.dispose();
    count.dispose();
  });

  it('a run inside a tidy leaves nothing behind', () => {
    const compiled = compile((x: tf.Tensor) => [tf.neg(x), tf.square(x)]);
    const x = tf.tensor1d([1]);
    tf.tidy(() => void compiled(x));
    const before = tf.memory().numTensors;
    tf.tidy(() => void compiled(x));
    expect(tf.memory().numTensors).to.equal(before);
    compiled.dispose();
    x.dispose();
  });

  it(`${engine === 'tensorflow' ? 'each set of shapes and types gets a graph' : 'no graphs are made'}`, () => {
    const native = engine === 'tensorflow';
    const compiled = compile((x: tf.Tensor) => tf.mul(x, x.size));
    tf.tidy(() => {
      for (const length of [2, 3, 2])
        expect(numbers(compiled(tf.ones([length])))).to.deep.equal(Array(length).fill(length));
      expect(compiled.graphs).to.equal(native ? 2 : 0);
      compiled(tf.ones([2], 'int32'));
      compiled(tf.ones([2, 1]));
    });
    expect(compiled.graphs).to.equal(native ? 4 : 0);
    compiled.dispose();
    expect(compiled.graphs).to.equal(0);
  });
});
