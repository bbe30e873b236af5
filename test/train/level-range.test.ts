import { expect } from 'chai';
import { join } from 'node:path';
import { trainedOn } from '../../src/adapt/trained-on.js';
import { readAdaptorConfig } from '../../src/adaptor/file.js';
import { sha256File } from '../../src/common/files.js';
import { openDataset } from '../../src/data/registry.js';
import { finetune, type FinetuneOptions } from '../../src/train/finetune.js';
import { expectFailure } from '../support/failure.js';
import { DATA, slice, trainedRuns, type TrainedRuns } from './support/trained-runs.js';

describe('train: a range of levels', function () {
  this.timeout(180_000);
  const runs = trainedRuns();
  let { engine, root, base, split } = {} as TrainedRuns;
  before(() => ({ engine, root, base, split } = runs()));

  async function tuned(name: string, changes: Partial<FinetuneOptions>) {
    const out = join(root, name);
    const shared = { engine, checkpoint: base, data: DATA, samples: slice(4), epochs: 2, split, out };
    await finetune({ level: 'jpeg=4..6', ...shared, ...changes });
    return { config: await readAdaptorConfig(out), hash: await sha256File(join(out, 'adaptor.safetensors')) };
  }

  it('makes an adaptor of the level in the middle, out of images of all of them, drawn by the seed', async () => {
    const ranged = await tuned('ranged', {});
    expect(ranged.config.level).to.equal('jpeg=5');
    const { settings } = ranged.config.training as { settings: Record<string, unknown> };
    expect(settings).to.include({ level: 'jpeg=5', variants: 3 });
    expect(settings['mixture']).to.deep.equal(['jpeg=4', 'jpeg=5', 'jpeg=6']);
    const mixture = ['jpeg=4', 'jpeg=5', 'jpeg=6'].map((level) => ({ level }));
    expect((await tuned('mixed', { level: 'jpeg=5', mixture })).hash).to.equal(ranged.hash);
    expect((await tuned('plain', { level: 'jpeg=5' })).hash).not.to.equal(ranged.hash);
    expect((await tuned('seeded', { seed: 9 })).hash).not.to.equal(ranged.hash);
  });

  it('is refused where it is none, before anything is written', async () => {
    await expectFailure(tuned('wrong', { level: 'jpeg=6..4' }), 'E_DISTORT_LEVEL', 'smaller value first');
  });

  it('leaves a record by which the samples are found again', async () => {
    const { training } = await readAdaptorConfig(join(root, 'ranged'));
    const dataset = await openDataset(DATA);
    const trained = trainedOn(training, dataset);
    expect(trained).to.include({ known: true, exact: true });
    const ids = dataset
      .samples('train')
      .slice(0, 4)
      .map(({ id }) => id);
    expect(trained.known && [...trained.ids]).to.deep.equal(ids);
  });
});
