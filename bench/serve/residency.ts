// A process of its own, as memory is measured by process: holds one network with adaptors, or whole networks, answers one frame with
// each, and prints what it took. residency.js adaptors|networks CHECKPOINT ADAPTORS COUNT HEIGHT WIDTH
import { loadAdaptor } from '../../src/adaptor/file.js';
import { listAdaptors } from '../../src/adaptor/list.js';
import { startEngine } from '../../src/engine/start.js';
import { createPredictor } from '../../src/eval/predictor.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { taskOf } from '../../src/tasks/registry.js';
import { AdaptedNetwork } from '../../src/serve/adapted-network.js';

const [what, checkpoint, adaptors, ...sizes] = process.argv.slice(2) as [string, string, string, ...string[]];
const [count, height, width] = sizes.map(Number) as [number, number, number];
const data = new Uint8Array(height * width * 3);
await startEngine({ engine: 'tensorflow' });
const before = process.memoryUsage.rss();
const base = await loadCheckpoint(checkpoint);
const found = await listAdaptors(adaptors);
const held: unknown[] = [];
if (what === 'adaptors') {
  const network = new AdaptedNetwork(networkOf(base), base.config);
  for (const { folder } of found.slice(0, count)) network.add(await loadAdaptor(folder, base));
  for (const level of network.levels) await network.run([{ data, width, height, channels: 3 }], level);
  held.push(network);
} else {
  for (let i = 0; i < count; i++) {
    const network = networkOf(base);
    const task = taskOf(base.config);
    const predictor = createPredictor(network, task, { changing: new Set() });
    predictor.predict({ images: data, batch: 1, height, width });
    held.push(network, predictor);
  }
}
globalThis.gc?.();
console.log(JSON.stringify({ bytes: process.memoryUsage.rss() - before, held: held.length }));
process.exit();
