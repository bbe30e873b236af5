import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateLevels } from '../../src/eval/levels.js';
import { runningEngine } from '../../src/engine/start.js';
import { splitCheckpoints } from '../../src/select/split-checkpoints.js';
import { finetune } from '../../src/train/finetune.js';
import { trainBase } from '../../src/train/train-base.js';
import { useEngine } from '../support/engines.js';
import { requireTool } from '../support/tools.js';

/** scikit-learn's digits of 8x8 pixels (UCI, Alpaydin and Kaynak 1998), the last 400 to evaluate on. */
const WRITE = `import sys; from pathlib import Path; import numpy as np; from PIL import Image; from sklearn.datasets import load_digits
digits = load_digits()
for i, (image, target) in enumerate(zip(digits.images, digits.target)):
    folder = Path(sys.argv[1]) / ('train' if i < 1397 else 'val') / str(target)
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.round(image * 255 / 16).astype('uint8')).save(folder / f'{i:04d}.png')`;

const LEVEL = 'jpeg=5';

describe('tasks: handwritten digits', () => {
  let folder: string | undefined;
  const at = (...parts: string[]): string => join(folder!, ...parts);

  before(async function () {
    const python = requireTool(this, 'scikit-learn');
    await useEngine(this, 'tensorflow');
    folder = await mkdtemp(join(tmpdir(), 'gearnn-digits-'));
    execFileSync(python, ['-c', WRITE, at('digits')]);
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('an adaptor of 2% of a ResNet wins back at JPEG 5 some of what the base loses there', async function () {
    this.timeout(300_000);
    const data = `imagefolder:${at('digits')}`;
    const samples = { split: 'train', start: 0, end: 700 };
    const common = { data, samples, engine: runningEngine()!, batch: 32, flip: false, workers: 2 };
    const base = at('base');
    await trainBase({ ...common, model: 'resnet-18', width: 0.125, epochs: 5, learningRate: 0.03, out: base });
    const tune = { ...common, checkpoint: base, level: LEVEL, epochs: 2 };
    await finetune({ ...tune, learningRate: 0.02, out: at('full') });
    const { split } = await splitCheckpoints({ base, tuned: at('full'), budget: '2%' });
    await finetune({ ...tune, learningRate: 0.03, split, out: at('adaptors', LEVEL) });
    const rows = await evaluateLevels({ checkpoint: base, adaptors: at('adaptors'), data, split: 'val' });
    expect(rows.map(({ method, level, primary }) => [method, level, primary])).to.deep.equal([
      ['original', 'clean', 'top1'],
      ['original', LEVEL, 'top1'],
      ['adaptor', LEVEL, 'top1'],
    ]);
    const [clean, original, adapted] = rows.map(({ scores }) => scores['top1']!) as [number, number, number];
    // A tenth by chance.
    expect(clean).to.be.above(0.65);
    expect(original).to.be.below(clean - 0.1);
    expect(adapted).to.be.above(original + 0.05);
    expect(rows[0]!.classScores['accuracy']).to.have.length(10);
  });
});
