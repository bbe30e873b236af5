import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { memoryUse } from '../../src/engine/memory.js';
import { onEngines } from '../support/engines.js';

onEngines('engine: memory', (engine) => {
  it('counts tensors, their bytes, native ones, and what the process holds', () => {
    const before = memoryUse();
    const tensors = tf.tidy(() => [tf.neg(tf.ones([100])), tf.neg(tf.ones([1, 10]))]);
    const during = memoryUse();
    expect(during.tensors - before.tensors).to.equal(2);
    expect(during.bytes - before.bytes).to.equal(440);
    if (engine === 'tensorflow') expect(during.nativeTensors! - before.nativeTensors!).to.equal(2);
    else expect(during.nativeTensors).to.equal(null);
    // Node alone is more than 30 MB.
    expect(during.resident).to.be.within(30e6, during.peak + 1e6);
    tf.dispose(tensors);
  });
});
