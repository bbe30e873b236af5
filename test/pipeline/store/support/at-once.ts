// Runs the same steps in the work folder as other processes do at the same time, and adds what it did to a record.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inOrder, type Step } from '../../../../src/pipeline/graph.js';
import { StepRecord, updateRecord } from '../../../../src/pipeline/record.js';
import { fake, runIn } from '../../support/fake-steps.js';

const [work, name, ...lines] = process.argv.slice(2) as [string, string, ...string[]];

function step(id: string, inputs: Record<string, Step> = {}): Step {
  const during: Step['run'] = async ({ folder }) => {
    await appendFile(join(work, 'ran.txt'), `${id}\n`);
    await sleep(60);
    await appendFile(join(folder, 'by.txt'), name);
    return { output: null };
  };
  return fake(id, { inputs, during });
}

const base = step('base');
const goals = lines.map((line) => step(`last ${line}`, { first: step(`first ${line}`, { base }) }));
const { events, executor, complete } = await runIn(work, goals);
await updateRecord(join(work, 'record.jsonl'), {
  merge: (now) => {
    const own = inOrder(goals);
    return [...own.map((one) => executor.results.stampOf(one)!), ...now.addedTo(new StepRecord(), own)];
  },
});
process.stdout.write(JSON.stringify({ complete, waited: events.filter((event) => event.startsWith('waits')).length }));
