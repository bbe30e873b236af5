import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitCheckpoints } from '../../src/select/split-checkpoints.js';
import { shift, SMALL, writeCheckpoint } from '../support/checkpoints.js';
import { expectFailure } from '../support/failure.js';

/** What fine-tuning moves: a batch normalization's statistics and weight, and the classifier's bias. */
const MOVED = { 'base.0.1.running_mean': 0.5, 'base.0.1.weight': 0.25, 'seg.bias': 0.125 };

describe('select: splits of checkpoints', () => {
  let folder: string;
  let base: string;
  let tuned: string;
  let hash: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-split-'));
    base = join(folder, 'base');
    tuned = join(folder, 'tuned');
    hash = await writeCheckpoint(base);
    await writeCheckpoint(tuned, { training: { level: 'jpeg=10', base: hash } }, shift(MOVED));
  });
  after(() => rm(folder, { recursive: true }));

  it('holds the level, the base, and the items that moved most', async () => {
    const { split, items } = await splitCheckpoints({ base, tuned, budget: '1000' });
    expect(split).to.include({ level: 'jpeg=10', baseHash: hash, granularity: 'tensor' });
    expect(split.items.map(({ name }) => name)).to.deep.equal(['base.0.1.weight', 'base.0.1.running', 'seg.bias']);
    // Eight channels at this width: a running mean that moved by 0.5 and a variance that did not.
    expect(split.items[1]).to.deep.equal({
      name: 'base.0.1.running',
      tensors: ['base.0.1.running_mean', 'base.0.1.running_var'],
      size: 16,
    });
    expect(split.sensitivity.find(({ name }) => name === 'base.0.1.running')!.value).to.equal(0.25);
    expect(split.value).to.equal(0.25 + 0.25 + 0.125);
    expect(items.map(({ name }) => name)).to.deep.equal(split.sensitivity.map(({ name }) => name));
    expect(items.map(({ name }) => name)).not.to.include('up.weight');
  });

  it('a budget in percent refers to the whole state, the upsampler included', async () => {
    const { split, items } = await splitCheckpoints({ base, tuned, budget: '0.01%' });
    const inItems = items.reduce((sum, { size }) => sum + size, 0);
    // The upsampler holds a 16x16 kernel for each of the two classes.
    expect(split.total).to.equal(inItems + 2 * 16 * 16);
    expect(split.budget.parameters).to.equal(Math.floor(split.total / 10_000));
    expect(split.size).to.be.at.most(split.budget.parameters);
  });

  it('leaves no tensor behind', async () => {
    const tensors = tf.memory().numTensors;
    await splitCheckpoints({ base, tuned, budget: '1%', granularity: 'layer' });
    expect(tf.memory().numTensors).to.equal(tensors);
  });

  it('a fine-tune of another base, of another network, or of none is refused', async () => {
    const other = join(folder, 'other');
    const split = (): Promise<unknown> => splitCheckpoints({ base, tuned: other, budget: '1%' });
    await writeCheckpoint(other, { training: { level: 'jpeg=10', base: 'f00' } });
    await expectFailure(split(), 'E_SPLIT_STATE', `${other}: expected a fine-tune of the base ${hash}, got one of f00`);
    await writeCheckpoint(other, { network: { ...SMALL.network, width: 0.25 } });
    await expectFailure(split(), 'E_SPLIT_STATE', 'at width 0.125, got drn-d-22 with 2 classes at width 0.25');
    await writeCheckpoint(other, { training: {} });
    await expectFailure(split(), 'E_SPLIT_STATE', 'expected a level in its training record, got none');
  });
});
