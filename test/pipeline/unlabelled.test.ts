import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { encodePng } from '../../src/image/encode.js';
import { importOnnx } from '../../src/models/onnx/index.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { runExperiment } from '../../src/pipeline/run.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { scoreOf } from '../../src/report/rows.js';
import { write } from '../data/support/folders.js';
import { tinyFile } from '../models/onnx/support/tiny.js';
import { useEngine } from '../support/engines.js';
import { workFolder } from './support/fake-steps.js';

const LEVEL = 'brightness=0.3';

describe('pipeline: an ONNX file and pictures without labels', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = workFolder();
    const scenes = await openDataset('scenes:7@32x64');
    for (const sample of scenes.samples('train').slice(0, 20)) {
      await write(folder, `photos/${sample.id}.png`, await encodePng(await scenes.readImage(sample)));
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are scored by agreement with the clean answers of the base, as gearnn eval --agreement does', async function () {
    await useEngine(this, 'tensorflow');
    const engine = await startEngine({ engine: 'tensorflow' });
    const checkpoint = join(folder, 'base');
    await importOnnx({ file: tinyFile(3), out: checkpoint, task: 'segmentation', classes: ['road', 'car', 'sky'] });
    const data = `images:${join(folder, 'photos')}`;
    const config = {
      ...{
        experiment: 'unlabelled',
        data,
        train: 'train[0:12]',
        validate: 'train[12:18]',
        base: { checkpoint },
        levels: [LEVEL],
        budget: '60',
      },
      methods: [
        'original',
        ...['adaptor', 'lora'].map((method) => ({ method, objective: 'teacher', learningRate: 0.5 })),
      ],
      finetune: { size: '32x64', batch: 2, epochs: 2, learningRate: { full: 0.05, adaptor: 0.05 } },
      rates: { candidates: [0.02, 0.05], levels: [LEVEL], train: '0:8', validate: '8:12', epochs: 1 },
      seed: 1,
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const experiment = await readExperiment(join(folder, 'config.json'));
    const { results } = await runExperiment({
      ...{ experiment, work: join(folder, 'work'), out: join(folder, 'out'), engine, frames: false },
      command: 'gearnn run config.json',
    });
    const ofMethod = (method: string): number => scoreOf(results, method, LEVEL)!;
    const [row] = await evaluateLevels({
      ...{ checkpoint, data, split: 'train', levels: [LEVEL], agreement: true },
      samples: (await openDataset(data))
        .samples('train')
        .slice(12, 18)
        .map(({ id }) => id),
    });
    expect(ofMethod('original')).to.be.closeTo(row!.miou!, 1e-4);
    expect(ofMethod('original')).to.be.within(0.01, 0.99);
    for (const method of ['adaptor', 'lora']) {
      expect(ofMethod(method), method).to.be.within(0.01, 1);
      expect(ofMethod(method), method).to.not.equal(ofMethod('original'));
    }
    expect(results.rates.map(({ score }) => score)).to.satisfy((all: number[]) => all.length >= 2 && all.every((score) => score > 0 && score <= 1)); // prettier-ignore
    const report = renderMarkdown(results);
    expect(report).to.contain("compared with the base's own answers on the clean ones");
  });
});
