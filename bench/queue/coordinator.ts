// Has workers bring a graph of sleeping steps about: coordinator.ts QUEUE STORE GRAPH OUT [TIMES as JSON]; OUT gets what each step came to.
import { readFile } from 'node:fs/promises';
import { writeJsonAtomic } from '../../src/common/files.js';
import { coordinateSleeping } from './coordinate.js';
import type { SleepingStep } from './sleeping.js';

const [queue, folder, graph, out, times = '{}'] = process.argv.slice(2) as [string, string, string, string, string?];
const written = JSON.parse(await readFile(graph, 'utf8')) as SleepingStep[];
const { outputs, failures } = await coordinateSleeping({ queue, folder, written, times: JSON.parse(times) });
await writeJsonAtomic(out, outputs);
if (failures.length > 0) {
  process.stderr.write(`${failures.join('\n')}\n`);
  process.exitCode = 1;
}
