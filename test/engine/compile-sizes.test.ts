import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { compile } from '../../src/engine/compile.js';
import { bf16Support } from '../../src/engine/cpu.js';
import { nativeBackend } from '../../src/engine/native.js';
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
      expect(loads).to.equal(1 + SIZES.length);
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
    expect(loads).to.equal(2);
    compiled.dispose();
  });

  it('a shared graph stays until its last size is forgotten', () => {
    const compiled = compile((x: tf.Tensor) => tf.add(x, 1), undefined, { shareSizes: true, cacheSize: 1 });
    const loads = countLoads(() => {
      for (const size of [1, 2, 3, 2]) tf.tidy(() => expectTensor(compiled(tf.ones([size])), tf.fill([size], 2), 0));
    });
    expect(loads).to.equal(1);
    compiled.dispose();
  });
});

/** How many native graphs `run` loads. */
function countLoads(run: () => void): number {
  const backend = nativeBackend()!;
  const { binding } = backend;
  let loads = 0;
  const loadSavedModel = (...args: [string, string]): number => {
    loads++;
    return binding.loadSavedModel(...args);
  };
  backend.binding = Object.create(binding, { loadSavedModel: { value: loadSavedModel } }) as typeof binding;
  try {
    run();
  } finally {
    backend.binding = binding;
  }
  return loads;
}
