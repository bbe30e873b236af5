import { expect } from 'chai';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkStore, NO_FAULTS } from '../../bench/queue/check-store.js';
import { mountMemoryDisk, type MemoryDisk } from '../../bench/queue/memory-disk.js';
import { sleepingSteps, type SleepingStep } from '../../bench/queue/sleeping.js';
import { Executor } from '../../src/pipeline/executor.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { unsupported } from '../support/tools.js';
import { Fleet } from './support/fleet.js';
import { until } from './support/until.js';

/** The first is done before the disk is full, the second is at work then, the third needs it. */
const written: SleepingStep[] = [
  { id: 'first', kind: 'base', seconds: 0.1, inputs: [] },
  { id: 'second', kind: 'tune', seconds: 1.5, inputs: ['first'] },
  { id: 'third', kind: 'evaluate', seconds: 0.1, inputs: ['second'] },
];
const FULL = 'a full disk, or one that takes no more files (df -h and df -i show which) (ENOSPC)';

/** A disk of 1 MB on a folder; skips the test where it cannot be had. */
function smallDisk(test: Mocha.Context, folder: string): MemoryDisk {
  return mountMemoryDisk(folder, '1m') ?? unsupported(test, 'lets only root of Linux mount a file system to fill');
}

/** Names of results: of the step that was done alone. */
async function resultsIn(folder: string): Promise<string[]> {
  return (await readdir(join(folder, 'steps'))).filter((name) => !name.includes('.'));
}

describe('pipeline: a store whose disk fills up', () => {
  let folder: string;
  let disk: MemoryDisk | undefined;
  beforeEach(async function () {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-full-'));
    disk = smallDisk(this, folder);
  });
  afterEach(async () => {
    disk?.unmount();
    await rm(folder, { recursive: true, force: true });
  });

  it('the step fails with an error that names its folder, nothing half is there, and the same call goes on when there is room', async () => {
    const steps = [...sleepingSteps(written).values()];
    const full = new Executor({
      store: new FolderStore(folder),
      onStep: ({ step, event }) => step.id === 'second' && event === 'run' && disk!.fill(),
    });
    expect(await full.run([steps])).to.equal(false);
    const [failed, ...others] = [...full.results.failures];
    expect(others).to.deep.equal([]);
    const [step, failure] = failed!;
    expect(step.id).to.equal('second');
    expect(failure).to.have.property('code', 'E_DISK_FULL');
    expect((failure as Error).message)
      .to.contain(`${folder}/steps/tune-`)
      .and.contain(FULL);
    expect(await resultsIn(folder)).to.have.length(1);
    await disk!.empty();
    const again = new Executor({ store: new FolderStore(folder) });
    expect(await again.run([steps])).to.equal(true);
    expect(await checkStore(folder, written)).to.deep.equal(NO_FAULTS);
  });
});

describe('queue: a store whose disk fills up', () => {
  let fleet: Fleet;
  let disk: MemoryDisk | undefined;
  beforeEach(async function () {
    fleet = await Fleet.start(this);
    disk = smallDisk(this, fleet.folder);
  });
  afterEach(async () => {
    disk?.unmount();
    await fleet.end();
  });

  it('both attempts fail with an error that names the folder, nothing half is there, and the same command goes on when there is room', async () => {
    const worker = fleet.worker('a');
    const run = fleet.coordinate({ written });
    await until(() => worker.events.some(({ step, event }) => step === 'second' && event === 'begins'));
    disk!.fill();
    const { failures, outputs } = await run;
    expect(Object.keys(outputs)).to.deep.equal(['first']);
    expect(failures).to.have.length(1);
    expect(failures[0]).to.contain(`${fleet.folder}/steps/tune-`).and.contain(FULL);
    expect(await resultsIn(fleet.folder)).to.have.length(1);
    await disk!.empty();
    expect((await fleet.coordinate({ written })).failures).to.deep.equal([]);
    expect(await checkStore(fleet.folder, written)).to.deep.equal(NO_FAULTS);
  });
});
