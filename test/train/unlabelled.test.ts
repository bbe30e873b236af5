import { expect } from 'chai';
import { join } from 'node:path';
import { startEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { openDataset } from '../../src/data/registry.js';
import { parseLevel } from '../../src/distort/level.js';
import { prepare } from '../../src/distort/prepare.js';
import { encodePng } from '../../src/image/encode.js';
import { finetune } from '../../src/train/finetune.js';
import { temporaryFolder, write } from '../data/support/folders.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { ROOT } from '../support/sources.js';

onTensorflow('train: pictures that nobody labelled', () => {
  const folder = temporaryFolder();
  const checkpoint = join(ROOT, 'checkpoints/demo');
  let data: string;

  before(async () => {
    const scenes = await openDataset('scenes:7@64x128');
    for (const sample of scenes.samples('train').slice(0, 16)) {
      await write(folder(), `photos/${sample.id}.png`, await encodePng(await scenes.readImage(sample)));
    }
    data = `images:${join(folder(), 'photos')}`;
  });

  it('teach a network its own clean answers, and measure how much of them is kept', async function () {
    this.timeout(120_000);
    const engine = await startEngine({ engine: 'tensorflow' });
    const out = join(folder(), 'tuned', 'jpeg=5');
    const options = {
      checkpoint,
      data,
      level: 'jpeg=5',
      epochs: 6,
      batch: 4,
      size: [64, 128] as [number, number],
      engine,
    };
    const { record } = await finetune({ ...options, objective: 'teacher', out });
    const losses = record.history.map(({ loss }) => loss);
    expect(losses).to.have.length(6);
    expect(losses[5]).to.be.below(losses[0]!);

    const tuned = join(folder(), 'tuned');
    const rows = await evaluateLevels({
      checkpoint,
      tuned,
      data,
      split: 'train',
      levels: ['clean', 'jpeg=5'],
      agreement: true,
    });
    expect(rows.map(({ level, method }) => `${level} ${method}`)).to.deep.equal([
      'clean original',
      'jpeg=5 original',
      'jpeg=5 switching',
    ]);
    const [clean, ...distorted] = rows.map(({ scores }) => scores['pixelAccuracy']!);
    expect(clean).to.equal(1);
    for (const kept of distorted) expect(kept).to.be.within(0.5, 0.99);
  });

  for (const level of ['jpeg=5', 'resolution=0.5x']) {
    it(`prepared at ${level}, teach and measure the same as distorted while they are read`, async function () {
      this.timeout(120_000);
      const engine = await startEngine({ engine: 'tensorflow' });
      const [copies, inferSize] = [join(folder(), 'copies'), 'original' as const];
      await prepare({ dataset: await openDataset(data), levels: [parseLevel(level)], out: copies });
      const results = [];
      for (const [i, prepared] of [copies, undefined].entries()) {
        const size: [number, number] = [64, 128];
        const out = join(folder(), `by-${i}`, level);
        const common = { checkpoint, data, prepared, inferSize };
        const { record } = await finetune({
          ...common,
          level,
          objective: 'teacher',
          epochs: 1,
          batch: 4,
          size,
          engine,
          out,
        });
        const rows = await evaluateLevels({ ...common, split: 'train', levels: [level], agreement: true });
        results.push({ losses: record.history.map(({ loss }) => loss), scores: rows.map(({ scores }) => scores) });
      }
      expect(results[0]).to.deep.equal(results[1]);
      expect(results[0]!.losses[0]).to.be.above(0);
    });
  }

  it('made smaller and taken as they came, they have no clean view of their size, which is said', async () => {
    const engine = await startEngine({ engine: 'tensorflow' });
    const out = join(folder(), 'small');
    await expectFailure(
      finetune({ checkpoint, data, level: 'resolution=0.5x', objective: 'teacher', epochs: 1, batch: 4, engine, out }),
      'E_DATA_SIZE',
      '--infer-size original',
    );
  });

  it('are refused where an objective needs labels, before anything is written', async () => {
    const engine = await startEngine({ engine: 'tensorflow' });
    const out = join(folder(), 'never');
    await expectFailure(
      finetune({ checkpoint, data, level: 'jpeg=5', epochs: 1, engine, out }),
      'E_DATA_TASK',
      '--objective teacher',
    );
  });
});
