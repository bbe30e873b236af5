import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { levelsGraph, sleepingSteps, type SleepingStep } from '../../bench/queue/sleeping.js';
import { checkStore, NO_FAULTS } from '../../bench/queue/check-store.js';
import { Executor } from '../../src/pipeline/executor.js';
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './support/until.js';
import { Fleet, TIMES } from './support/fleet.js';

const one = (changes: Partial<SleepingStep> = {}): SleepingStep[] => [
  { id: 'only', kind: 'base', seconds: 0.2, inputs: [], ...changes },
];

describe('queue', () => {
  let fleet: Fleet;
  beforeEach(async function () {
    fleet = await Fleet.start(this);
  });
  afterEach(() => fleet.end());

  it('what two workers bring about is what one process does, each step once, by both of them', async () => {
    const written = levelsGraph(10, 0.15);
    const [a, b] = [fleet.worker('a', { once: true }), fleet.worker('b', { once: true })];
    const { outputs, failures } = await fleet.coordinate({ written });
    expect(failures).to.deep.equal([]);
    const alone = await mkdtemp(join(tmpdir(), 'gearnn-alone-'));
    const steps = [...sleepingSteps(written).values()];
    const executor = new Executor({ store: new FolderStore(alone) });
    await executor.run([steps]);
    for (const step of steps) expect(outputs[step.id], step.id).to.deep.equal(executor.results.outputOf(step));
    await rm(alone, { recursive: true });
    expect(await checkStore(fleet.folder, written)).to.deep.equal(NO_FAULTS);
    // With --once they leave by themselves.
    expect((await a.ended) + (await b.ended)).to.equal(10);
    expect(Math.min(await a.ended, await b.ended)).to.be.above(0);
  });

  it('an empty queue ends a worker that is to work once, and no other', async () => {
    const [once, stays] = [fleet.worker('once', { once: true }), fleet.worker('stays')];
    expect(await once.ended).to.equal(0);
    let left = false;
    void stays.ended.then(() => (left = true));
    await fleet.coordinate({ written: one() });
    expect(left).to.equal(false);
    expect(stays.events.map(({ event }) => event)).to.deep.equal(['begins', 'done']);
  });

  it('a step that takes four times as long as a lock lasts runs once, although another worker is idle', async () => {
    const workers = [fleet.worker('a'), fleet.worker('b')];
    const { failures } = await fleet.coordinate({ written: one({ seconds: (4 * TIMES.lock) / 1000 }) });
    expect(failures).to.deep.equal([]);
    expect(workers.flatMap(({ events }) => events.map(({ event }) => event))).to.deep.equal(['begins', 'done']);
  });

  it('two coordinators at once, and one more afterwards: each step runs once', async () => {
    const written = levelsGraph(7, 0.2);
    const worker = fleet.worker('a');
    const [first, second] = await Promise.all([fleet.coordinate({ written }), fleet.coordinate({ written })]);
    const third = await fleet.coordinate({ written });
    expect(Object.keys(first.outputs)).to.have.length(7);
    expect([second.outputs, third.outputs]).to.deep.equal([first.outputs, first.outputs]);
    expect(worker.events.filter(({ event }) => event === 'begins')).to.have.length(7);
  });

  it('a coordinator that stops leaves its steps with the workers, and one that is started again goes on', async () => {
    const stop = new AbortController();
    const written = levelsGraph(4, 0.5);
    const worker = fleet.worker('a');
    const stopped = fleet.coordinate({
      ...{ written, signal: stop.signal },
      onStep: ({ event }) => event === 'run' && stop.abort(new Error('Ctrl-C')),
    });
    expect(await stopped.catch((error: Error) => error.message)).to.equal('Ctrl-C');
    await until(() => worker.events.some(({ event }) => event === 'done'));
    const { outputs } = await fleet.coordinate({ written });
    expect(Object.keys(outputs)).to.have.length(4);
    expect(worker.events.filter(({ event }) => event === 'begins')).to.have.length(4);
  });

  it('a step that fails is tried once more by another worker, then reported with both names and what it printed', async () => {
    const workers = [fleet.worker('a'), fleet.worker('b')];
    const written = [...one({ fails: true }), { id: 'after', kind: 'evaluate', seconds: 0, inputs: ['only'] }];
    const { outputs, failures } = await fleet.coordinate({ written });
    expect(outputs).to.deep.equal({});
    expect(failures).to.have.length(1);
    expect(failures[0]).to.contain('on a: this step always fails').and.contain('on b: this step always fails');
    expect(failures[0]).to.match(/printed:\n {2}about to fail/);
    for (const { events } of workers) expect(events.filter(({ event }) => event === 'failed')).to.have.length(1);
    // The user says again: it is tried again.
    expect((await fleet.coordinate({ written })).failures).to.have.length(1);
    expect(workers.flatMap(({ events }) => events.filter(({ event }) => event === 'failed'))).to.have.length(4);
  });

  it('a worker that is alone tries a failed step again itself, after a while', async () => {
    const worker = fleet.worker('a');
    const { failures } = await fleet.coordinate({ written: one({ fails: true }) });
    expect(failures).to.have.length(1);
    expect(worker.events.filter(({ event }) => event === 'failed')).to.have.length(2);
  });

  it('a worker of another version refuses a step by name and another takes it; without one the coordinator says so', async () => {
    const old = fleet.worker('old', { version: 0 });
    const notes: string[] = [];
    const run = fleet.coordinate({ written: one(), onNote: (note) => notes.push(note) });
    await until(() => notes.length > 0);
    expect(notes[0]).to.equal('no worker takes "only": old refuses it: it is of version 1, and this worker of 0');
    const current = fleet.worker('current');
    expect((await run).failures).to.deep.equal([]);
    expect(old.events.map(({ event }) => event)).to.deep.equal(['refused']);
    expect(current.events.map(({ event }) => event)).to.deep.equal(['begins', 'done']);
  });

  it('kinds are left to those that take them, and a worker that is to work once does not wait for those', async () => {
    const tuner = fleet.worker('tuner', { kinds: ['tune'] });
    const others = fleet.worker('others', { kinds: ['base', 'distort', 'evaluate'] });
    await fleet.coordinate({ written: levelsGraph(7, 0.05) });
    const did = ({ events }: typeof tuner) => events.flatMap(({ step, event }) => (event === 'done' ? [step] : []));
    expect(did(tuner).sort()).to.deep.equal(['training 0', 'training 1']);
    expect(did(others)).to.have.length(5);
    others.stop();
    await others.ended;
    const stop = new AbortController();
    const open = fleet.coordinate({ written: one({ id: 'left over' }), signal: stop.signal });
    await until(() => fleet.hasOpenRun());
    const once = fleet.worker('once', { kinds: ['tune'], once: true });
    let left = false;
    void once.ended.then(() => (left = true));
    // While the run is open, a step of its kind may come.
    await sleep(6 * TIMES.drain);
    expect(left).to.equal(false);
    stop.abort(new Error('enough'));
    await open.catch(() => undefined);
    expect(await once.ended).to.equal(0);
  });

  it('a worker that is told to stop hands its step back, and the next one goes on where it was', async () => {
    const first = fleet.worker('first');
    const begun = performance.now();
    const run = fleet.coordinate({ written: one({ seconds: 3 }) });
    await until(() => first.events.some(({ event }) => event === 'begins'));
    await until(() => performance.now() - begun > 500);
    first.stop();
    await first.ended;
    expect(first.events.at(-1)).to.deep.include({ event: 'handed back', why: 'this worker stops' });
    const second = fleet.worker('second');
    expect((await run).failures).to.deep.equal([]);
    expect(second.events.map(({ event }) => event)).to.deep.equal(['goes on', 'done']);
  });
});
