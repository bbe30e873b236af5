import { expect } from 'chai';
import { levelsGraph } from '../../bench/queue/sleeping.js';
import type { ProgressEvent } from '../../src/common/progress.js';
import { WorkersProgress } from '../../src/queue/workers-progress.js';
import { Fleet } from './support/fleet.js';

describe('queue: progress of a run', () => {
  let events: ProgressEvent[];
  let progress: WorkersProgress;
  beforeEach(() => {
    events = [];
    progress = new WorkersProgress((event) => events.push(event));
  });

  it('shows what each worker does, by the task that it tells, and how many steps are done', () => {
    progress.count(1, 5);
    progress.show('x', 'full jpeg=5', { worker: 'a:1' });
    progress.show('y', 'evaluate', { worker: 'b:2', task: 'evaluate original', done: 3, total: null });
    progress.show('x', 'full jpeg=5', { worker: 'a:1', task: 'fine-tune full jpeg=5', done: 7, total: 20 });
    expect(events[0]).to.deep.equal({ task: 'steps on the queue', done: 1, total: 5, unit: 'steps', values: {} });
    expect(events[1]!.values).to.deep.equal({ 'a:1': 'full jpeg=5' });
    expect(events.at(-1)!.values).to.deep.equal({ 'a:1': 'fine-tune full jpeg=5 7/20', 'b:2': 'evaluate original 3' });
  });

  it('forgets a step that has ended, and what a worker did before its next one', () => {
    progress.show('x', 'first', { worker: 'a:1' });
    progress.show('y', 'second', { worker: 'b:2' });
    progress.show('z', 'third', { worker: 'a:1' });
    expect(events.at(-1)!.values).to.deep.equal({ 'a:1': 'third', 'b:2': 'second' });
    progress.end('y');
    progress.count(1, 3);
    expect(events.at(-1)!.values).to.deep.equal({ 'a:1': 'third' });
  });

  it('of all steps comes to the coordinator from every worker', async function () {
    const fleet = await Fleet.start(this);
    try {
      fleet.worker('a');
      fleet.worker('b');
      // A worker tells at most once a second how far a step is.
      await fleet.coordinate({ written: levelsGraph(7, 0.6), progress: (event) => events.push(event) });
      const counts = events.map(({ done }) => done);
      expect(counts).to.deep.equal([...counts].sort((a, b) => a - b));
      expect([counts[0], counts.at(-1)]).to.deep.equal([0, 7]);
      expect(new Set(events.map(({ total }) => total))).to.deep.equal(new Set([7]));
      const both = events.filter(({ values }) => Object.keys(values ?? {}).length === 2);
      expect(both.length).to.be.above(0);
      expect(Object.keys(both[0]!.values!).sort()).to.deep.equal(['a', 'b']);
      expect(events.at(-1)!.values).to.deep.equal({});
    } finally {
      await fleet.end();
    }
  });
});
