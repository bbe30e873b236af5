// Distorts a list dataset and says so after each file, slowly, for a test to kill: run-prepare.ts SOURCE OUT LEVEL...
import { openDataset } from '../../../src/data/registry.js';
import { parseLevel } from '../../../src/distort/level.js';
import { prepare } from '../../../src/distort/prepare.js';

const [source, out, ...levels] = process.argv.slice(2) as [string, string, ...string[]];
await prepare({
  dataset: await openDataset(`list:${source}`),
  levels: levels.map(parseLevel),
  out,
  progress({ done }) {
    process.stdout.write(`${done}\n`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  },
});
