// Runs three steps in the work folder that it is given; the second writes how far it is and goes on from there.
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fake, runIn } from './fake-steps.js';

const LENGTH = 40;
const first = fake('first');
const slow = fake('slow', {
  inputs: { first },
  async during({ folder, resuming }) {
    const file = join(folder, 'progress.txt');
    const done = resuming ? (await readFile(file, 'utf8')).length : 0;
    process.stdout.write(`from ${done}\n`);
    for (let i = done; i < LENGTH; i++) {
      await appendFile(file, '.');
      await sleep(10);
    }
    return { output: null };
  },
});
const { events } = await runIn(process.argv[2]!, [fake('last', { inputs: { slow } })]);
process.stdout.write(`${events.join(', ')}\n`);
