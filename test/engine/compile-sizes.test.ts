import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../src/engine/compile.js';
import { bf16Support } from '../../src/engine/cpu.js';
import { nativeBackend, type NativeBinding } from '../../src/engine/native.js';
import { createNetwork } from '../../src/models/registry.js';
import { expectTensor, onTensorflow } from '../support/engines.js';
import { unsupported } from '../support/tools.js';

onTensorflow('compile: shareSizes', () => {
  const CONFIG = { name: 'drn-d-22', classes: 5, width: 0.125 };
  const frame = (height: number, width: number): tf.Tensor4D =>
    tf.randomUniform([1, height, width, 3], -2, 2, 'float32', 1);
  const SIZES = [
    [32, 48],
    [64, 32],
    [40, 40],
  ] as const;

  for (const precision of ['fp32', 'bf16'] as const) {
    it(`graphs of other sizes share one, and answer as graphs of their own do, in ${precision}`, function () {
      if (precision === 'bf16' && !bf16Support().supported)
        unsupported(this, 'has a processor without bf16 instructions');
      const network = createNetwork(CONFIG, { seed: 3 });
      const forward = (x: tf.Tensor4D): tf.Tensor => network.forward(x).logits!;
      const fold = (): boolean => true;
      // Weights become native when they are first frozen.
      const first = frame(...SIZES[0]);
      compile(forward, [first], { fold, precision }).dispose();
      first.dispose();
      const before = { tensors: tf.memory().numTensors, native: nativeBackend()!.binding.getNumOfTensors() };
      const shared = compile(forward, undefined, { fold, precision, shareSizes: true });
      const own = compile(forward, undefined, { fold, precision });
      const loads = countLoads(() => {
        for (const [height, width] of SIZES) {
          tf.tidy(() => {
            const x = frame(height, width);
            expectTensor(shared(x), own(x), 1e-6);
            // Sizes that came before are still right.
            const earlier = frame(32, 48);
            expectTensor(shared(earlier), own(earlier), 1e-6);
          });
        }
      });
      // Its own graph at the first size, and one that takes any from the second on.
      expect(loads).to.equal(2 + SIZES.length);
      expect(shared.graphs).to.equal(SIZES.length);
      shared.dispose();
      own.dispose();
      const after = { tensors: tf.memory().numTensors, native: nativeBackend()!.binding.getNumOfTensors() };
      expect(after).to.deep.equal(before);
      network.dispose();
    });
  }

  it('a function that does other things at another size gets a graph of its own', () => {
    const compiled = compile((x: tf.Tensor) => (x.shape[0]! > 2 ? tf.exp(x) : tf.neg(x)), undefined, {
      shareSizes: true,
    });
    const loads = countLoads(() => {
      for (const size of [2, 3, 1, 4]) {
        tf.tidy(() => {
          const x = tf.ones([size]);
          expectTensor(compiled(x), size > 2 ? tf.exp(x) : tf.neg(x), 1e-6);
        });
      }
    });
    // Each at its first size, and once more at the next.
    expect(loads).to.equal(4);
    compiled.dispose();
  });

  it('what is the same at all sizes is no input of the graph', () => {
    const answer = (x: tf.Tensor): tf.Tensor => tf.mul(tf.reshape(x, [x.size]), tf.scalar(x.size + 1));
    const compiled = compile((x: tf.Tensor) => tf.add(answer(x), tf.tensor1d([2])), undefined, { shareSizes: true });
    const fed = [2, 3, 4].map((size) =>
      countFed(() => tf.tidy(() => expectTensor(compiled(tf.ones([size, 1])), tf.fill([size], size + 3), 0))),
    );
    // The tensor alone; then the shape and the factor that differ, not what is added.
    expect(fed).to.deep.equal([1, 3, 3]);
    compiled.dispose();
  });

  it('frozen values stay those of the first size', () => {
    const weights = tf.tidy(() => [2, 4096].map((size) => tf.variable(tf.ones([size]))));
    const sum = (x: tf.Tensor): tf.Tensor =>
      tf.addN([x, ...weights.map((weight) => tf.sum(weight))].map((t) => tf.sum(t)));
    const compiled = compile(sum, undefined, { shareSizes: true, fold: () => true });
    for (const size of [1, 2, 3]) {
      tf.tidy(() => expectTensor(compiled(tf.ones([size])), tf.scalar(size + 2 + 4096), 0));
      for (const weight of weights) tf.tidy(() => weight.assign(tf.zeros(weight.shape)));
    }
    compiled.dispose();
    tf.dispose(weights);
  });

  it('a shared graph stays until its last size is forgotten', () => {
    const compiled = compile((x: tf.Tensor) => tf.add(x, 1), undefined, { shareSizes: true, cacheSize: 1 });
    const loads = countLoads(() => {
      for (const size of [1, 2, 3, 2]) tf.tidy(() => expectTensor(compiled(tf.ones([size])), tf.fill([size], 2), 0));
    });
    expect(loads).to.equal(2);
    compiled.dispose();
  });
});

/** How many native graphs `run` loads. */
function countLoads(run: () => void): number {
  let loads = 0;
  watching({ loadSavedModel: () => void loads++ }, run);
  return loads;
}

/** How many tensors the only graph that `run` runs is fed, its weights left out. */
function countFed(run: () => void): number {
  let fed = 0;
  watching(
    { runSavedModel: (_, __, names) => (fed = names.split(',').filter((name) => !name.startsWith('w')).length) },
    run,
  );
  return fed;
}

type Watched = 'loadSavedModel' | 'runSavedModel';

/** Runs with functions of the native engine that are heard before they run. */
function watching(
  heard: { [name in Watched]?: (...args: Parameters<NativeBinding[name]>) => void },
  run: () => void,
): void {
  const backend = nativeBackend()!;
  const { binding } = backend;
  const listening = Object.entries(heard).map(([name, hear]) => {
    const value = (...args: unknown[]): unknown => {
      (hear as (...args: unknown[]) => void)(...args);
      return (binding[name as Watched] as (...args: unknown[]) => unknown)(...args);
    };
    return [name, { value }] as const;
  });
  backend.binding = Object.create(binding, Object.fromEntries(listening)) as typeof binding;
  try {
    run();
  } finally {
    backend.binding = binding;
  }
}
