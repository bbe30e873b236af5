import { expect } from 'chai';
import type { Dataset, Sample } from '../../src/data/dataset.js';
import { openDataset } from '../../src/data/registry.js';
import { checkTeachable } from '../../src/train/teachable.js';
import { expectFailure } from '../support/failure.js';

describe('train: what is said of the labels before a run', () => {
  const SAMPLES = { split: 'train', start: 0, end: 2 };
  const VALIDATE = { split: 'val', start: 0, end: 2 };
  let dataset: Dataset;
  beforeEach(async () => (dataset = await openDataset('scenes:7@32x64')));

  /** The label maps of a split become one id in every pixel. */
  function fill(split: string, id: number): void {
    const [samples, read] = [dataset.samples.bind(dataset), dataset.readLabel.bind(dataset)];
    const own = new WeakSet<Sample>();
    dataset.samples = (name) =>
      samples(name).map((sample) => {
        const copy = { ...sample };
        if (name === split) own.add(copy);
        return copy;
      });
    dataset.readTarget = dataset.readLabel = async (sample) => {
      const label = await read(sample);
      return own.has(sample) ? { ...label, data: label.data.map(() => id) } : label;
    };
  }

  async function warningsOf(options: object = {}): Promise<string[]> {
    const warnings: string[] = [];
    const warn = (message: string): unknown => warnings.push(message);
    await checkTeachable({ dataset, training: SAMPLES, ...options }, { crop: [32, 32] }, { warn });
    return warnings;
  }

  it('labels that are all ignored are E_TRAIN_LABELS, with the slice and the id', async () => {
    fill('train', dataset.ignore);
    await expectFailure(warningsOf(), 'E_TRAIN_LABELS', 'train[:2]', String(dataset.ignore));
  });

  it('so are those of the samples to validate on', async () => {
    fill('val', dataset.ignore);
    await expectFailure(warningsOf({ validate: VALIDATE }), 'E_TRAIN_LABELS', 'val[:2]');
    await warningsOf();
  });

  it('one class alone is warned of, and samples that are trained and validated on', async () => {
    fill('train', 0);
    expect((await warningsOf()).join('\n')).to.contain('train');
    const shared = await warningsOf({ validate: SAMPLES });
    expect(shared.join('\n')).to.contain('2 of the samples to validate on');
  });
});
