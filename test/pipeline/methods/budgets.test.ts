import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine } from '../../../src/engine/start.js';
import { readExperiment } from '../../../src/pipeline/experiment.js';
import { runExperiment } from '../../../src/pipeline/run.js';
import { sweepsOf } from '../../../src/report/sweeps.js';
import { useEngine } from '../../support/engines.js';
import { readSource } from '../../support/sources.js';
import { workFolder } from '../support/fake-steps.js';

describe('pipeline: budgets', function () {
  this.timeout(300_000);

  it('experiments/scenes-budgets, made small, gives adaptors of rising size and their curve', async function () {
    await useEngine(this, 'tensorflow');
    const folder = workFolder();
    try {
      const config = JSON.parse(readSource('experiments/scenes-budgets/config.json')) as { base: { train: object } };
      const small = {
        ...{ train: 'train[0:8]', validate: 'val[0:2]', levels: ['jpeg=5'], finetune: { epochs: 1 } },
        base: { train: { ...config.base.train, epochs: 1 } },
      };
      const path = join(folder, 'config.json');
      await writeFile(path, JSON.stringify({ ...config, ...small }));
      const { results } = await runExperiment({
        experiment: await readExperiment(path),
        ...{ work: join(folder, 'work'), out: folder, command: 'gearnn run config.json' },
        engine: await startEngine({ engine: 'tensorflow' }),
      });
      const [sweep] = sweepsOf(results);
      const names = ['adaptor-0.1%', 'adaptor', 'adaptor-0.5%', 'adaptor-1%'];
      expect(sweep!.points.map(({ method }) => method)).to.deep.equal(names);
      // Each fills its budget and no more.
      [0.1, 0.2, 0.5, 1].forEach((most, i) => expect(sweep!.points[i]!.share).to.be.within(0.8 * most, most));
      expect(results.choices.map(({ method }) => method)).to.deep.equal(names);
      expect(readFileSync(join(folder, 'report.html'), 'utf8')).to.contain('mIoU over the size of adaptors');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
