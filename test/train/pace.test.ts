import { expect } from 'chai';
import type { ProgressEvent } from '../../src/common/progress.js';
import { startEngine } from '../../src/engine/start.js';
import { formatDuration, Pace } from '../../src/train/pace.js';
import { trainTiny } from './support/tiny-run.js';

describe('train: pace', () => {
  it('writes durations as people say them', () => {
    const rows = [0.4, 45, 59.6, 723, 3600, 11_229].map(formatDuration);
    expect(rows).to.deep.equal(['0s', '45s', '1m00s', '12m03s', '1h00m', '3h07m']);
  });

  it('leaves the first step out, which makes the graph', () => {
    const pace = new Pace();
    pace.start();
    pace.step();
    expect(pace.secondsPerStep).to.equal(undefined);
    const second = pace.step();
    expect(pace.secondsPerStep).to.equal(second);
    const third = pace.step();
    expect(pace.secondsPerStep).to.be.closeTo((second + third) / 2, 1e-12);
  });

  it('progress tells epoch, steps, loss, rate, images/s and what is left of the whole run', async () => {
    await startEngine();
    const events: ProgressEvent[] = [];
    await trainTiny({}, { progress: (event) => events.push(event) });
    expect(events.map(({ task, done, total, unit }) => `${task} ${done}/${total} ${unit}`)).to.deep.equal([
      ...[1, 2, 3, 4].map((step) => `epoch 1/2 ${step}/4 steps`),
      ...[1, 2, 3, 4].map((step) => `epoch 2/2 ${step}/4 steps`),
    ]);
    const { values = {} } = events.at(-1)!;
    expect(Object.keys(values)).to.deep.equal(['loss', 'rate', 'images/s', 'whole run']);
    expect(values['loss']).to.match(/^\d\.\d{4}$/);
    expect(Number(values['images/s'])).to.be.greaterThan(0);
    expect(values['whole run']).to.equal('0s left');
  });
});
