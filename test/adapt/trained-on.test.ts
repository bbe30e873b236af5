import { expect } from 'chai';
import { trainedOn, type TrainedOn } from '../../src/adapt/trained-on.js';
import { canonicalJson, sha256 } from '../../src/common/files.js';
import type { Dataset } from '../../src/data/dataset.js';
import { openDataset } from '../../src/data/registry.js';
import { readAdaptorConfig } from '../../src/adaptor/file.js';

const IDS = Array.from({ length: 30 }, (_, i) => `frame ${i}`);
const DATASET = {
  ...{ name: 'street', root: '/somewhere', spec: 'list:/somewhere' },
  samples: (part: string) => (part === 'train' ? IDS.map((id) => ({ id })) : []),
} as unknown as Dataset;

const recordOf = (ids: string[], others: object = {}) => ({
  settings: {
    data: 'street',
    split: 'train',
    samples: `${ids.length}: ${sha256(canonicalJson(ids)).slice(0, 16)}`,
    ...others,
  },
});
const idsOf = (trained: TrainedOn): string[] => (trained.known ? [...trained.ids] : []);

describe('calibrate: what an adaptor was trained on', () => {
  it('finds a slice of the part by the hash that is recorded', () => {
    const trained = trainedOn(recordOf(IDS.slice(7, 20)), DATASET);
    expect(trained).to.include({ known: true, exact: true });
    expect(idsOf(trained)).to.deep.equal(IDS.slice(7, 20));
    expect(idsOf(trainedOn(recordOf(IDS, { samples: 'all' }), DATASET))).to.deep.equal(IDS);
  });

  it('takes the whole part where the samples are not told', () => {
    const trained = trainedOn(recordOf(IDS.filter((_, i) => i % 2 === 0)), DATASET);
    expect(trained).to.include({ known: true, exact: false });
    expect(idsOf(trained)).to.deep.equal(IDS);
  });

  it('knows nothing of other data, and of records of another form', () => {
    for (const training of [recordOf(IDS, { data: 'other' }), {}, { settings: { data: 'street' } }])
      expect(trainedOn(training, DATASET)).to.deep.equal({ known: false });
  });

  it('reads the records of the adaptors that are shipped', async () => {
    const { training } = await readAdaptorConfig('checkpoints/demo/adaptors/jpeg=10');
    const dataset = await openDataset('scenes:7');
    const trained = trainedOn(training, dataset);
    expect(trained).to.include({ known: true, exact: true });
    expect(idsOf(trained)).to.deep.equal(dataset.samples('train').map(({ id }) => id));
  });
});
