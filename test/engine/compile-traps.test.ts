import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import type { ErrorCode } from '../../src/common/errors.js';
import { compile, type Outputs } from '../../src/engine/compile.js';
import { nativeBackend } from '../../src/engine/native.js';
import { onEngines, onTensorflow } from '../support/engines.js';

/** Expects a call of `compile` on a scalar to fail with a code, and to leave a variable that it assigned first, and no tensor behind. */
function expectTrap(code: ErrorCode, text: RegExp, fn: (x: tf.Tensor, v: tf.Variable) => unknown): void {
  const { binding } = nativeBackend()!;
  const variable = tf.tidy(() => tf.variable(tf.scalar(1)));
  const x = tf.scalar(2);
  x.dataSync();
  tf.add(x, variable).dispose();
  const before = [tf.memory().numTensors, binding.getNumOfTensors()];
  const random = Math.random;
  const compiled = compile((input: tf.Tensor) => {
    variable.assign(tf.mul(variable, 5));
    return fn(input, variable) as Outputs;
  });
  for (let i = 0; i < 2; i++) {
    expect(() => compiled(x))
      .to.throw(text)
      .with.property('code', code);
  }
  expect([tf.memory().numTensors, binding.getNumOfTensors()]).to.deep.equal(before);
  expect(compiled.graphs).to.equal(0);
  expect(variable.dataSync()[0]).to.equal(1);
  expect(Math.random).to.equal(random);
  expect(Object.keys(nativeBackend()!)).not.to.include.members(['readSync']);
  // The engine works on as before.
  tf.tidy(() => {
    expect(tf.add(x, variable).dataSync()[0]).to.equal(3);
  });
  tf.dispose([variable, x]);
}

onTensorflow('compile: traps', () => {
  const outside = (): tf.Tensor => tf.tensor1d([1, 2]);
  /** A tensor from outside that an op has used, which gives it a native handle. */
  const used = (): tf.Tensor => tf.tidy(() => tf.add(outside(), 1));

  it('reading a result is an error that names the op before it', () => {
    expectTrap('E_COMPILE_READ', /after Mul.*read of a tensor/, (x) => tf.mul(x, x.dataSync()[0]!));
    expectTrap('E_COMPILE_READ', /after Sqrt/, (x) => (tf.sqrt(x).arraySync(), x));
  });

  it('reading an input, a variable or a tensor from outside is one, too', () => {
    const tensor = outside();
    expectTrap('E_COMPILE_READ', /read of a tensor/, (x) => (x.dataSync(), x));
    expectTrap('E_COMPILE_READ', /read of a tensor/, (x, v) => (v.dataSync(), x));
    expectTrap('E_COMPILE_READ', /read of a tensor/, (x) => (tensor.dataSync(), x));
    tensor.dispose();
  });

  it('a read that the function catches is an error all the same', () => {
    expectTrap('E_COMPILE_READ', /read of a tensor/, (x) => {
      try {
        x.dataSync();
      } catch {
        return x;
      }
      return x;
    });
  });

  it('reading a constant of its own is fine', () => {
    const compiled = compile((x: tf.Tensor) => tf.mul(x, tf.scalar(3).dataSync()[0]!));
    tf.tidy(() => {
      expect(compiled(tf.scalar(2)).dataSync()[0]).to.equal(6);
    });
    compiled.dispose();
  });

  it('so is reading what was computed of such alone, and nothing that an input, a variable or a draw went into', () => {
    const size = (): tf.Tensor => tf.ceil(tf.max(tf.div(tf.tensor1d([5, 7, 3]), 2)));
    const compiled = compile((x: tf.Tensor) => tf.tile(x, [size().dataSync()[0]!]));
    tf.tidy(() => {
      expect([...compiled(tf.tensor1d([2])).dataSync()]).to.deep.equal([2, 2, 2, 2]);
    });
    compiled.dispose();
    expectTrap('E_COMPILE_READ', /read of a tensor/, (x) => (tf.mul(size(), tf.sum(x)).dataSync(), x));
    expectTrap('E_COMPILE_READ', /read of a tensor/, (x, v) => (tf.mul(size(), tf.sum(v)).dataSync(), x));
    expectTrap('E_COMPILE_READ', /read of a tensor/, (x) => (tf.multinomial(tf.tensor1d([1, 2]), 3, 5).dataSync(), x));
  });

  it('random numbers without a seed are an error, made by an op or by the function', () => {
    expectTrap('E_COMPILE_RANDOM', /same on every run/, (x) => tf.add(x, tf.randomNormal([2])));
    expectTrap('E_COMPILE_RANDOM', /same on every run/, (x) => tf.add(x, tf.randomUniform([2])));
    expectTrap('E_COMPILE_RANDOM', /same on every run/, (x) => tf.dropout(tf.add(x, tf.ones([2])), 0.5));
    expectTrap('E_COMPILE_RANDOM', /same on every run/, (x) => tf.mul(x, Math.random()));
  });

  it('a dropout layer in training is that error', () => {
    const layer = tf.layers.dropout({ rate: 0.5 });
    expectTrap('E_COMPILE_RANDOM', /same on every run/, (x) => layer.apply(tf.reshape(x, [1, 1]), { training: true }));
  });

  it('a tensor from outside is an error, whether an op has used it before or not', () => {
    for (const tensor of [outside(), used()]) {
      expectTrap('E_COMPILE_CAPTURE', /a tensor that was made outside.*`constants`/, (x) => tf.add(x, tensor));
      expectTrap('E_COMPILE_CAPTURE', /made outside/, () => tensor);
      tensor.dispose();
    }
  });

  it('the tensor that is passed is no tensor from outside for its place alone', () => {
    const tensor = used();
    const compiled = compile((x: tf.Tensor) => tf.add(x, tensor));
    expect(() => compiled(tensor)).to.throw(/made outside/);
    tensor.dispose();
  });

  it('a compiled function inside is an error, run before or not', () => {
    const inner = compile((x: tf.Tensor) => tf.add(x, 1));
    expectTrap('E_COMPILE_NESTED', /Call the plain function inside/, (x) => inner(x));
    tf.tidy(() => void inner(tf.scalar(1)));
    expectTrap('E_COMPILE_NESTED', /Call the plain function inside/, (x) => inner(x));
    inner.dispose();
  });

  it('new variables on every call are an error, and go', () => {
    expectTrap('E_COMPILE_VARIABLE', /makes its variables once.*new variables on every call/, (x) => {
      const fresh = tf.variable(tf.zerosLike(x));
      fresh.assign(tf.add(fresh, x) as tf.Scalar);
      return tf.add(fresh, 0);
    });
  });

  it('a variable of a function that is said to make none is an error, and goes', () => {
    const before = Object.keys(tf.engine().state.registeredVariables).length;
    let slot: tf.Variable | undefined;
    const compiled = compile(
      (x: tf.Tensor) => {
        slot ??= tf.variable(tf.zerosLike(x));
        return tf.add(slot, x);
      },
      undefined,
      { makesVariables: false },
    );
    tf.tidy(() => {
      expect(() => compiled(tf.scalar(1)))
        .to.throw(/makes no variables.*leave out makesVariables/)
        .with.property('code', 'E_COMPILE_VARIABLE');
    });
    expect(Object.keys(tf.engine().state.registeredVariables)).to.have.length(before);
  });

  it('an assignment to a folded variable is an error', () => {
    const variable = tf.tidy(() => tf.variable(tf.scalar(1)));
    const compiled = compile(
      (x: tf.Tensor) => {
        variable.assign(tf.add(variable, x) as tf.Scalar);
        return x;
      },
      undefined,
      { fold: () => true },
    );
    tf.tidy(() => {
      expect(() => compiled(tf.scalar(1)))
        .to.throw(/Leave it out of `fold`/)
        .with.property('code', 'E_COMPILE_VARIABLE');
    });
    variable.dispose();
  });

  it('an error of the function itself comes through, and changes nothing', () => {
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3])));
    const compiled = compile((x: tf.Tensor) => {
      variable.assign(tf.add(variable, x) as tf.Tensor1D);
      return tf.matMul(variable as tf.Tensor as tf.Tensor2D, x as tf.Tensor2D);
    });
    tf.tidy(() => {
      expect(() => compiled(tf.scalar(1))).to.throw(/Invalid TF_Status/);
    });
    expect([...variable.dataSync()]).to.deep.equal([1, 2, 3]);
    variable.dispose();
  });
});

onEngines('compile: results', () => {
  it('what is no tensor, list or record of tensors is an error', () => {
    for (const [got, value] of [
      ['undefined', undefined],
      ['a number', 3],
      ['null', null],
      ['something else at "b"', { a: tf.scalar(1), b: 2 }],
      ['something else at "0"', [{}]],
    ] as const) {
      tf.tidy(() => {
        const compiled = compile((x: tf.Tensor) => (value === undefined ? (void x as never) : (value as never)));
        expect(() => compiled(tf.scalar(1)))
          .to.throw(got)
          .with.property('code', 'E_COMPILE_RESULT');
      });
      if (value !== null) tf.dispose(value as never);
    }
  });

  it('an async function is an error', () => {
    const compiled = compile((async (x: tf.Tensor) => tf.add(x, 1)) as never);
    const x = tf.scalar(1);
    const before = tf.memory().numTensors;
    expect(() => compiled(x as never))
      .to.throw(/a promise/)
      .with.property('code', 'E_COMPILE_RESULT');
    expect(tf.memory().numTensors).to.equal(before);
    x.dispose();
  });

  it('an input that is disposed, or no tensor, is a wrong call that says which', () => {
    const compiled = compile((x: tf.Tensor, y: tf.Tensor) => tf.add(x, y));
    const [x, gone] = [tf.scalar(1), tf.scalar(2)];
    gone.dispose();
    expect(() => compiled(x, gone)).to.throw(/input 1: expected a tensor that is not disposed, got a disposed one/);
    expect(() => compiled(x, 3 as never))
      .to.throw(/input 1: .*got a number/)
      .with.property('code', 'E_USAGE');
    x.dispose();
  });

  it('a cache for no graph is an error', () => {
    expect(() => compile((x: tf.Tensor) => x, undefined, { cacheSize: 0 })).to.throw(/from 1 on/);
  });
});
