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
      const config = JSON.parse(readSource('experiments/scenes-budgets/config.json')) as {
        base: { train: object };
        methods: unknown[];
      };
      const small = {
        ...{ train: 'train[0:8]', validate: 'val[0:2]', levels: ['jpeg=5'], finetune: { epochs: 1 } },
        base: { train: { ...config.base.train, epochs: 1 } },
      };
      const path = join(folder, 'config.json');
      const engine = await startEngine({ engine: 'tensorflow' });
      const run = async (changes: object) => {
        await writeFile(path, JSON.stringify({ ...config, ...small, ...changes }));
        const experiment = await readExperiment(path);
        const places = { work: join(folder, 'work'), out: folder };
        return (await runExperiment({ experiment, ...places, command: 'gearnn run config.json', engine })).results;
      };
      const results = await run({});
      const [sweep] = sweepsOf(results);
      const names = ['adaptor-0.1%', 'adaptor', 'adaptor-0.5%', 'adaptor-1%'];
      expect(sweep!.points.map(({ method }) => method)).to.deep.equal(names);
      // Each fills its budget and no more.
      [0.1, 0.2, 0.5, 1].forEach((most, i) => expect(sweep!.points[i]!.share).to.be.within(0.8 * most, most));
      expect(results.choices.map(({ method }) => method)).to.deep.equal(names);
      expect(readFileSync(join(folder, 'report.html'), 'utf8')).to.contain('mIoU over the size of adaptors');

      // Without one of the experiment's own budget, the one whose choices are shown says what it may hold.
      const { budget } = await run({ methods: ['original', config.methods.at(-2)] });
      const total = results.rows[0]!.parameters;
      expect(budget).to.deep.equal({ text: '1%', granularity: 'tensor', parameters: Math.floor(total / 100) });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
