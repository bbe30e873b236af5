// The process that `probeEngine` starts: an engine is tried here, so that a native crash ends this process and no other.
import tf from '../common/tf.cjs';
import { type EngineName, startEngine } from './start.js';
import { type ProbeReply } from './probe.js';

process.once('message', (engine: EngineName) => {
  void tryEngine(engine)
    .catch((error: Error): ProbeReply => ({ works: false, reason: error.message }))
    .then((reply) => process.send!(reply, () => process.disconnect()));
});

async function tryEngine(engine: EngineName): Promise<ProbeReply> {
  const { version } = await startEngine({ engine });
  if (tf.getBackend() !== engine) return { works: false, reason: `${tf.getBackend()} computes instead` };
  // [[1, 2], [3, 4]] squared, by hand: [[7, 10], [15, 22]].
  const square = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const values = [...(await tf.matMul(square, square).data())];
  if (values.join() !== '7,10,15,22')
    return { works: false, reason: `a product of two 2x2 matrices came out as ${values.join(', ')}` };
  return { works: true, version };
}
