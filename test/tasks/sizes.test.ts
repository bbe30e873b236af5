import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/common/random.js';
import { runningEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { measureResponse } from '../../src/frequency/measure.js';
import { encodePng } from '../../src/image/encode.js';
import { readCheckpointConfig } from '../../src/models/checkpoint.js';
import { finetune } from '../../src/train/finetune.js';
import { trainBase } from '../../src/train/train-base.js';
import { write } from '../data/support/folders.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';

const FIT = { resize: 12, crop: 8 };
const LEVEL = 'brightness=0.5';

/** Dark and bright noise, no two pictures of one size. */
async function writePictures(folder: string): Promise<void> {
  const random = Random.of(1, 'pictures');
  for (let i = 0; i < 32; i++) {
    const [width, height] = [10 + random.integer(20), 10 + random.integer(20)];
    const from = i % 2 === 0 ? 20 : 150;
    const data = Uint8Array.from({ length: width * height * 3 }, () => from + random.integer(80));
    const path = `${i < 24 ? 'train' : 'val'}/${i % 2 === 0 ? 'dark' : 'bright'}/${i}.png`;
    await write(folder, path, await encodePng({ data, width, height, channels: 3 }));
  }
}

onTensorflow('tasks: pictures of several sizes, to a network that has one', () => {
  let folder: string;
  const at = (...parts: string[]): string => join(folder, ...parts);
  const data = (): string => `imagefolder:${at('pictures')}`;

  before(async function () {
    this.timeout(120_000);
    folder = await mkdtemp(join(tmpdir(), 'gearnn-sizes-'));
    await writePictures(at('pictures'));
    const common = { data: data(), engine: runningEngine()!, batch: 8, epochs: 4 };
    await trainBase({ ...common, model: 'resnet-18', width: 0.125, fit: FIT, learningRate: 0.02, out: at('base') });
    await finetune({ ...common, checkpoint: at('base'), level: LEVEL, epochs: 1, out: at('full', LEVEL) });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are trained on, and what brings them to its size stays with the network and with what is fine-tuned from it', async () => {
    for (const checkpoint of [at('base'), at('full', LEVEL)]) {
      const { preprocessing, training } = await readCheckpointConfig(checkpoint);
      expect(preprocessing.fit).to.deep.equal(FIT);
      expect(training['settings']).to.include({ size: '8x8' });
    }
  });

  it('are told apart', async () => {
    const rows = await evaluateLevels({ checkpoint: at('base'), tuned: at('full'), data: data(), split: 'val' });
    expect(rows[0]!.scores['top1']).to.equal(1);
  });

  it('have a frequency response at the size that the network sees, by labels and by a teacher', async () => {
    const samples = { split: 'val', start: 0 };
    const given = { checkpoint: at('base'), data: data(), samples, level: LEVEL };
    const byLabels = await measureResponse(given);
    expect(byLabels.images).to.have.length(8);
    expect([byLabels.together.width, byLabels.together.height]).to.deep.equal([8, 8]);
    const unlabelled = { ...given, data: `images:${at('pictures/val')}`, samples: { split: 'train', start: 0 } };
    const byTeacher = await measureResponse({ ...unlabelled, objective: 'teacher' });
    expect(byTeacher.loss).to.be.above(0);
    expect(Math.max(...byTeacher.together.data)).to.be.above(0);
    await expectFailure(measureResponse(unlabelled), 'E_DATA_TASK', '--objective teacher');
    const own = measureResponse({ ...given, level: 'clean', objective: 'teacher' });
    await expectFailure(own, 'E_USAGE', 'the teacher itself');
  });
});
