import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { levelsGraph, sleepingSteps, type SleepingStep } from '../../bench/queue/sleeping.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { openStore } from '../../src/pipeline/store/open-store.js';
import { Executor } from '../../src/pipeline/executor.js';
import type { Identity } from '../../src/pipeline/identity.js';
import { notInStore } from '../../src/queue/failures.js';
import { startS3, type S3Server } from '../support/s3-server.js';
import { moduleUrl } from '../support/programs.js';
import { Fleet, type TestWorker } from './support/fleet.js';
import { until } from './support/until.js';

const ENTRY = moduleUrl('../../bench/queue/entry', import.meta.url);

describe('queue: a store that is another for the workers', () => {
  it('is an error that names worker and step, after a while', async function () {
    const fleet = await Fleet.start(this);
    try {
      const other = join(fleet.folder, 'other');
      const worker = fleet.worker('astray', {
        store: new FolderStore(other),
        process: { entry: ENTRY, parameters: [other] },
      });
      const written = [{ id: 'only', kind: 'base', seconds: 0.1, inputs: [] }];
      const { outputs, failures } = await fleet.coordinate({ written });
      expect(worker.events.map(({ event }) => event)).to.include('done');
      expect(outputs).to.deep.equal({});
      const [step] = sleepingSteps(written).values();
      expect(failures).to.deep.equal([notInStore(step!, 'astray').message]);
      expect(failures[0]).to.contain('step "only"').and.contain('though astray says that it is there');
      expect(notInStore(step!)).to.have.property('code', 'E_QUEUE_STORE');
    } finally {
      await fleet.end();
    }
  });
});

describe('queue: a store in a bucket', () => {
  const PLACE = 's3://steps/queue';
  const environment = { ...process.env };
  let server: S3Server | undefined;
  let fleet: Fleet | undefined;
  before(async function () {
    server = await startS3(this);
    fleet = await Fleet.start(this);
    Object.assign(process.env, server.environment, { GEARNN_STORES: join(fleet.folder, 'coordinator') });
  });
  after(async () => {
    await fleet?.end();
    process.env = environment;
    await server?.stop();
  });

  /** One whose machine has a folder of its own for what it brings from the bucket. */
  const worker = async (name: string): Promise<TestWorker> => {
    const GEARNN_STORES = join(fleet!.folder, name);
    const process_ = { entry: ENTRY, parameters: [PLACE], environment: { GEARNN_STORES } };
    return fleet!.worker(name, { store: await openStore(PLACE, join(GEARNN_STORES, 'own')), process: process_ });
  };

  it('two workers bring about what one process does in a folder, each step once', async () => {
    const written = levelsGraph(7, 0.2);
    const workers = [await worker('a'), await worker('b')];
    const { outputs, failures } = await fleet!.coordinate({ written, folder: PLACE });
    expect(failures).to.deep.equal([]);
    const steps = [...sleepingSteps(written).values()];
    const alone = new Executor({ store: fleet!.store() });
    await alone.run([steps]);
    for (const step of steps) expect(outputs[step.id], step.id).to.deep.equal(alone.results.outputOf(step));
    const done = workers.map(({ events }) => events.filter(({ event }) => event === 'done').length);
    expect(done[0]! + done[1]!).to.equal(7);
    expect(Math.min(...done)).to.be.above(0);
    // A machine that has seen none of it reads what they wrote.
    const elsewhere = await openStore(PLACE, join(fleet!.folder, 'elsewhere'));
    const read = async (store: typeof elsewhere, identity: Identity): Promise<string> =>
      readFile(join(await store.folderOf(identity), 'result.txt'), 'utf8');
    for (const step of steps) {
      const identity = alone.results.identity(step);
      expect(await read(elsewhere, identity)).to.equal(await read(fleet!.store(), identity));
    }
    for (const { stop, ended } of workers) {
      stop();
      await ended;
    }
  });

  it('a step that its worker hands back goes on at another machine, from what the bucket has of it', async () => {
    const written: SleepingStep[] = [{ id: 'long', kind: 'base', seconds: 4, inputs: [] }];
    const first = await worker('first');
    const run = fleet!.coordinate({ written, folder: PLACE });
    await until(() => first.events.some(({ event }) => event === 'begins'));
    const begun = performance.now();
    await until(() => performance.now() - begun > 1000);
    first.stop();
    await first.ended;
    expect(first.events.at(-1)).to.include({ event: 'handed back', why: 'this worker stops' });
    const second = await worker('second');
    expect((await run).failures).to.deep.equal([]);
    expect(second.events.map(({ event }) => event)).to.deep.equal(['goes on', 'done']);
  });
});
