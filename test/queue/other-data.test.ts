import { expect } from 'chai';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { writeListDataset } from '../../src/data/write-list.js';
import { startEngine } from '../../src/engine/start.js';
import { decodeImage } from '../../src/image/decode.js';
import { encodePng } from '../../src/image/encode.js';
import { buildGraph } from '../../src/pipeline/experiment-graph.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { inOrder } from '../../src/pipeline/graph.js';
import { StepRecord } from '../../src/pipeline/record.js';
import { onQueue } from '../../src/queue/run-on-queue.js';
import type { EntryOptions } from '../../src/queue/step-entry.js';
import { SMALL_RUN } from '../pipeline/support/small-run.js';
import { moduleUrl } from '../support/programs.js';
import { Fleet, TIMES, type TestWorker } from './support/fleet.js';
import { until } from './support/until.js';

const ENTRY = moduleUrl('../../src/queue/step-entry', import.meta.url);

describe('queue: a worker whose data differ', () => {
  let fleet: Fleet;
  let folder: string;
  const at = (name: string): string => join(folder, name);
  before(async function () {
    fleet = await Fleet.start(this);
    folder = await mkdtemp(join(tmpdir(), 'gearnn-other-data-'));
    await writeListDataset(await openDataset('scenes:3@24x32'), at('data'), { count: 4 });
    await cp(at('data'), at('changed'), { recursive: true });
    const [image] = (await readdir(at('changed'), { recursive: true }))
      .filter((name) => /val.*\.png$/.test(name))
      .sort();
    const changed = await decodeImage(await readFile(join(at('changed'), image!)), image!);
    changed.data[0]! ^= 1;
    await writeFile(join(at('changed'), image!), await encodePng(changed));
  });
  after(async () => {
    await fleet.end();
    await rm(folder, { recursive: true, force: true });
  });

  const worker = (name: string, SCENES: string): TestWorker => {
    const GEARNN_STEPS = JSON.stringify({ store: fleet.folder, threads: 1 } satisfies EntryOptions);
    return fleet.worker(name, { process: { entry: ENTRY, parameters: [], environment: { GEARNN_STEPS, SCENES } } });
  };

  it('by one pixel of one image refuses the step by name, and another worker takes it', async () => {
    const config = { ...SMALL_RUN, data: 'list:${SCENES}', engine: 'cpu', train: 'train[0:2]', validate: 'val[0:2]' };
    const path = at('config.json');
    await writeFile(path, JSON.stringify(config));
    const experiment = await readExperiment(path, { SCENES: at('data') });
    const engine = await startEngine({ engine: 'cpu' });
    const { levels } = await buildGraph({ experiment, work: at('work'), engine, frames: false });
    const copy = inOrder([levels[0]!.cells[0]!.evaluation]).find(({ kind }) => kind === 'distort')!;
    const notes: string[] = [];
    const options = { queue: fleet.redis.url, experiment, engine, frames: false, times: TIMES };
    const execute = await onQueue({ ...options, onNote: (note) => notes.push(note) });
    const coordinator = execute({ store: fleet.store(), record: new StepRecord() });
    const other = worker('other', at('changed'));
    const run = coordinator.run([[copy]]);
    await until(() => notes.length > 0);
    expect(other.events.map(({ event }) => event)).to.deep.equal(['refused']);
    expect(notes[0]).to.contain(
      `no worker takes "${copy.id}": other refuses it: step "${copy.id}": expected the same step here`,
    );
    const same = worker('same', at('data'));
    expect(await run).to.equal(true);
    expect(same.events.map(({ step, event }) => `${step}: ${event}`)).to.deep.equal([
      `${copy.id}: begins`,
      `${copy.id}: done`,
    ]);
    expect(other.events).to.have.length(1);
  });
});
