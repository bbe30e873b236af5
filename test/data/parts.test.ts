import { expect } from 'chai';
import type { Dataset, Sample } from '../../src/data/dataset.js';
import { drivesOf, withParts } from '../../src/data/parts.js';
import { openDataset } from '../../src/data/registry.js';
import { parseSlice, sliceIds } from '../../src/data/slice.js';

const FILES: Record<string, string[]> = {
  train: ['train/0016E5_00390.png', 'train/0006R0_f00930.png', 'train/0001TP_006690.png', 'train/0016E5_00420.png'],
  val: ['val/0016E5_07959.png', 'val/0016E5_07961.png'],
};

function open(files: Record<string, string[]> = FILES, idOf = (image: string): string => image): Dataset {
  const bySplit = new Map<string, Sample[]>();
  for (const [split, images] of Object.entries(files)) {
    bySplit.set(
      split,
      images.map((image) => ({ id: idOf(image), image, label: image })),
    );
  }
  const samples = (split: string): Sample[] => {
    if (!bySplit.has(split)) throw new Error(`no split ${split}`);
    return bySplit.get(split)!;
  };
  return withParts({ spec: 'camvid:X', splits: [...bySplit.keys()], samples } as unknown as Dataset);
}

describe('data: parts of a dataset', () => {
  const rows: [string, string[]][] = [
    ['train', FILES.train!],
    ['all', [...FILES.train!, ...FILES.val!]],
    ['val+train', [...FILES.val!, ...FILES.train!]],
    ['train[drive=0006R0]', ['train/0006R0_f00930.png']],
    ['train[drive=0001TP,0006R0]', ['train/0006R0_f00930.png', 'train/0001TP_006690.png']],
    ['all[drive!=0016E5]', ['train/0006R0_f00930.png', 'train/0001TP_006690.png']],
    ['all[drive=0016E5][1:3]', [FILES.train![3]!, FILES.val![0]!]],
    ['train+val[drive=0016E5]', [FILES.train![0]!, FILES.train![3]!, ...FILES.val!]],
  ];
  for (const [part, images] of rows) {
    it(part, () => {
      const dataset = open();
      expect(dataset.samples(part).map(({ image }) => image)).to.deep.equal(images);
      if (images.length < 2 || part.includes(':')) return;
      const slice = parseSlice(`${part}[1:]`, 'train', '--samples');
      expect(sliceIds(dataset, slice, '--samples')).to.deep.equal(images.slice(1));
    });
  }

  it('a split and the drives that are left out of it share no sample, and are together all', () => {
    const dataset = open();
    for (const drive of drivesOf(dataset).keys()) {
      const parts = [`all[drive=${drive}]`, `all[drive!=${drive}]`].flatMap((part) => dataset.samples(part));
      expect(parts.map(({ id }) => id)).to.have.members(dataset.samples('all').map(({ id }) => id));
    }
  });

  it('drives are counted over all splits, with the folder for a name that is a number', () => {
    const dataset = open({ train: ['a/lane_3/000071.png', 'a/lane_3/000072.png', 'b/night-7.png'] });
    expect([...drivesOf(dataset)].map(([drive, { length }]) => [drive, length])).to.deep.equal([
      ['lane_3', 2],
      ['night', 1],
    ]);
  });

  it('a drive that is not there, none that is left, and a split that is not there are named', () => {
    const dataset = open();
    expect(() => dataset.samples('train[drive=0007]'))
      .to.throw(/expected a drive of train: 0016E5, 0006R0, 0001TP, got "0007" in train\[drive=0007\]/)
      .with.property('code', 'E_DATA_SPLIT');
    expect(() => dataset.samples('val[drive!=0016E5]'))
      .to.throw(/none/)
      .with.property('code', 'E_DATA_SPLIT');
    expect(() => dataset.samples('dusk[drive=0016E5]')).to.throw(/no split dusk/);
  });

  it('two samples of one id are refused, one that two splits share counts once', () => {
    const short = (image: string): string => image.slice(image.indexOf('_'));
    expect(() => open({ train: ['a/x_1.png'], val: ['b/x_1.png'] }, short).samples('all'))
      .to.throw(/_1.png for a\/x_1.png and for b\/x_1.png/)
      .with.property('code', 'E_DATA_SPLIT');
    expect(open({ train: ['a/x_1.png'], val: ['a/x_1.png'] }).samples('all')).to.have.length(1);
  });

  it('every dataset that is opened has them', async () => {
    const dataset = await openDataset('scenes:1');
    expect(dataset.samples('all')).to.have.length(250);
    expect(() => dataset.samples('dusk'))
      .to.throw()
      .with.property('code', 'E_DATA_SPLIT');
  });
});
