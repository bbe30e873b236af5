import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adapt } from '../../src/adapt/adapt.js';
import type { AdaptOptions, AdaptRow } from '../../src/adapt/options.js';
import { readCalibration } from '../../src/adaptor/calibration.js';
import { listAdaptors } from '../../src/adaptor/list.js';
import type { Progress } from '../../src/common/progress.js';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { encodePng } from '../../src/image/encode.js';
import { temporaryFolder, write } from '../data/support/folders.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { ROOT } from '../support/sources.js';

const LEVEL = 'brightness=0.3';

onTensorflow('adapt', () => {
  const folder = temporaryFolder();
  const checkpoint = join(ROOT, 'checkpoints/demo');
  let usual: Omit<AdaptOptions, 'out'>;

  before(async () => {
    const scenes = await openDataset('scenes:7@64x128');
    for (const sample of scenes.samples('train').slice(0, 26)) {
      await write(folder(), `photos/${sample.id}.png`, await encodePng(await scenes.readImage(sample)));
    }
    const engine = await startEngine({ engine: 'tensorflow' });
    usual = {
      ...{ checkpoint, data: `images:${join(folder(), 'photos')}`, levels: [LEVEL], budget: '2%', seed: 1, engine },
      ...{ steps: 8, rates: [0.01], size: [64, 128], batch: 4 },
    };
  });

  it('without labels keeps an adaptor that brings answers nearer to those on clean pictures, and says by how much', async function () {
    this.timeout(120_000);
    const out = join(folder(), 'adapted');
    const tensors = tf.memory().numTensors;
    const { rows, agreement, score, pictures } = await adapt({ ...usual, out });
    expect(tf.memory().numTensors).to.equal(tensors);
    expect({ agreement, score }).to.deep.equal({ agreement: true, score: 'miou' });
    expect(pictures.train + pictures.choose + pictures.measure).to.equal(26);
    const [row] = rows as [AdaptRow];
    expect(row).to.include({ level: LEVEL, kept: true });
    // 0 where first layers, aligned, do better than what is trained from there.
    expect([0, 0.01]).to.include(row.rate);
    expect(row.after).to.be.above(row.before);
    expect((await listAdaptors(out)).map(({ level }) => level)).to.deep.equal([LEVEL]);
    expect((await readdir(out)).sort()).to.deep.equal(['adapt.json', LEVEL]); // of three pictures no gain is measured
    const record = JSON.parse(await readFile(join(out, 'adapt.json'), 'utf8')) as { rows: AdaptRow[] };
    expect(record.rows).to.deep.equal(rows);
    // The same figures as gearnn eval has.
    const scored = await evaluateLevels({
      ...{ checkpoint, adaptors: out, data: usual.data, split: 'val', levels: [LEVEL], agreement: true },
    });
    const [before, after] = scored.map(({ scores }) => scores['miou']!);
    expect(row.before).to.be.closeTo(before!, 1e-3);
    expect(row.after).to.be.closeTo(after!, 1e-3);
  });

  it('keeps no adaptor that is worse than the network as it is, and takes away one that is there', async function () {
    this.timeout(120_000);
    const out = join(folder(), 'adapted');
    // Little is lost at this level, and steps of this size lose much.
    const level = 'jpeg=95';
    await cp(join(out, LEVEL), join(out, level), { recursive: true });
    const { rows } = await adapt({ ...usual, levels: [level], steps: 4, rates: [1], out, force: true });
    expect(rows.map(({ kept }) => kept)).to.deep.equal([false]);
    expect(existsSync(join(out, level))).to.equal(false);
    expect(existsSync(join(out, LEVEL))).to.equal(true);
  });

  it('writes what serves the level, with the gain on the pictures that nothing was chosen by', async function () {
    this.timeout(120_000);
    const out = join(folder(), 'measured');
    const { rows } = await adapt({ ...usual, data: 'scenes:7@64x128', objective: 'labels', steps: 4, out });
    const [row] = rows as [AdaptRow];
    const { levels } = (await readCalibration(out))!;
    expect(levels).to.have.length(1);
    expect(levels[0]).to.include({ level: LEVEL, adaptor: LEVEL, share: 1, base: row.before, candidate: row.after });
    expect(levels[0]).to.include({ agreement: false, data: 'scenes:7@64x128', samples: 'val', images: 50 });
    expect(levels[0]!.gain).to.be.closeTo(row.after - row.before, 1e-9);
    expect(levels[0]!.serves).to.equal(row.kept && row.after > row.before);
    expect(levels[0]!.low).to.be.below(levels[0]!.gain);
  });

  it('goes on where it was interrupted, and refuses to write over what is there', async function () {
    this.timeout(120_000);
    const out = join(folder(), 'interrupted');
    const stop = new AbortController();
    const progress = ({ task, done }: { task: string; done: number }): void => {
      if (task.includes('adaptor') && done === 2) stop.abort(new Error('enough'));
    };
    const error = await adapt({ ...usual, out, progress, signal: stop.signal }).catch((reason: Error) => reason);
    expect(error).to.have.property('message', 'enough');
    await expectFailure(adapt({ ...usual, out }), 'E_TRAIN_UNFINISHED', '--resume');
    const trained: string[] = [];
    const watch: Progress = ({ task, unit }) => void (unit === 'steps' && trained.push(task));
    const resumed = await adapt({ ...usual, out, resume: true, progress: watch });
    expect(trained.filter((task) => task.includes('whole network'))).to.deep.equal([]);
    expect(trained).to.not.deep.equal([]);
    const whole = await adapt({ ...usual, out: join(folder(), 'whole') });
    const scores = (rows: AdaptRow[]): object[] => rows.map((row) => ({ ...row, seconds: 0 }));
    expect(scores(resumed.rows)).to.deep.equal(scores(whole.rows));
    await expectFailure(adapt({ ...usual, out }), 'E_OUT_EXISTS', '--force');
  });

  it('needs pictures enough to keep some apart, and room for an item', async () => {
    await write(folder(), 'few/1.png', await encodePng({ data: new Uint8Array(64 * 64 * 3), width: 64, height: 64, channels: 3 })); // prettier-ignore
    const few = { ...usual, data: `images:${join(folder(), 'few')}`, out: join(folder(), 'never') };
    await expectFailure(adapt(few), 'E_TRAIN_DATA', 'more pictures');
    expect(existsSync(few.out)).to.equal(false);
  });
});
