import { expect } from 'chai';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatchLoader } from '../../src/data/batches.js';
import { checkDataset } from '../../src/data/check.js';
import type { Dataset, Sample } from '../../src/data/dataset.js';
import { datasetKinds, openDataset } from '../../src/data/registry.js';
import { openSource } from '../../src/data/source.js';
import { decodeImage } from '../../src/image/decode.js';
import { decodeLabelMap, encodeLabelMap } from '../../src/image/labels.js';
import { expectFailure } from '../support/failure.js';
import { HEIGHT, makers, temporaryFolder, WIDTH } from './support/folders.js';

it('data: every kind of dataset has a maker in test/data/support/folders.ts, so that the contract runs on it', () => {
  expect(Object.keys(makers).sort()).to.deep.equal(Object.keys(datasetKinds).sort());
});

/** Kinds without files of label maps: their labels are names or objects, or they have none. */
const NAMED = ['coco', 'imagefolder', 'images', 'pennfudan'];

for (const [kind, make] of Object.entries(makers)) {
  const hasMaps = !NAMED.includes(kind);
  describe(`data: contract of ${kind}`, () => {
    const folder = temporaryFolder();
    let dataset: Dataset;
    let samples: Sample[];

    before(async () => {
      await mkdir(join(folder(), 'data'));
      dataset = await openDataset(await make(join(folder(), 'data')));
      samples = dataset.samples('train').slice(0, 3);
    });

    it('has a train and a val split with samples, each with an id of its own', () => {
      expect(dataset.splits).to.include.members(['train', 'val']);
      for (const split of dataset.splits) {
        const ids = dataset.samples(split).map(({ id }) => id);
        expect(new Set(ids).size).to.equal(ids.length).and.to.be.above(1);
      }
    });

    it('opened again by its spec, it lists the same samples and classes', async () => {
      const again = await openDataset(dataset.spec);
      expect(again.samples('train')).to.deep.equal(dataset.samples('train'));
      expect(again.classes).to.deep.equal(dataset.classes);
    });

    it('has classes with names and colours of their own, and an ignored id that is none of them', () => {
      expect(new Set(dataset.classes.map(({ name }) => name)).size).to.equal(dataset.classes.length);
      expect(new Set(dataset.classes.map(({ color }) => color.join())).size).to.equal(dataset.classes.length);
      if (hasMaps) expect(dataset.ignore).to.be.within(dataset.classes.length, 255);
      else expect(dataset.ignore).to.equal(-1);
    });

    it('reads 8-bit RGB, and targets whose ids are classes or ignored', async () => {
      expect(dataset.targets.labelFiles).to.equal(hasMaps);
      for (const sample of samples) {
        const [image, target] = await Promise.all([dataset.readImage(sample), dataset.readTarget(sample)]);
        expect([image.height, image.width, image.channels]).to.deep.equal([HEIGHT, WIDTH, 3]);
        expect(image.data.length).to.equal(HEIGHT * WIDTH * 3);
        const ids = Array.from(dataset.targets.ids(target));
        expect(ids.every((id) => (id >= 0 && id < dataset.classes.length) || id === dataset.ignore)).to.equal(true);
      }
    });

    it('reads label maps of the same size as images, or says that there are none', async () => {
      for (const sample of samples) {
        if (!hasMaps) {
          await expectFailure(dataset.readLabel(sample), 'E_DATA_TASK', dataset.spec);
          continue;
        }
        const label = await dataset.readLabel(sample);
        expect([label.height, label.width, label.data.length]).to.deep.equal([HEIGHT, WIDTH, HEIGHT * WIDTH]);
      }
    });

    it('gives the same bytes when it is read again, and others for another sample', async () => {
      const [first, again, other] = await Promise.all([
        dataset.readImage(samples[0]!),
        (await openDataset(dataset.spec)).readImage(samples[0]!),
        dataset.readImage(samples[1]!),
      ]);
      expect(Buffer.compare(first.data, again.data)).to.equal(0);
      expect(Buffer.compare(first.data, other.data)).not.to.equal(0);
    });

    it('readImageBytes, where there is one, gives the file that readImage decodes', async function () {
      if (!dataset.readImageBytes) return expect(dataset.root).to.equal(null);
      const decoded = await decodeImage(await dataset.readImageBytes(samples[0]!), 'bytes');
      expect(decoded).to.deep.equal(await dataset.readImage(samples[0]!));
    });

    it('storesClassIds, where it says so, means that the label file holds what readLabel gives', async () => {
      for (const sample of samples.filter((each) => dataset.storesClassIds?.(each))) {
        const path = join(dataset.root!, sample.label);
        expect(await decodeLabelMap(await readFile(path), path)).to.deep.equal(await dataset.readLabel(sample));
      }
    });

    it('readInstances, where there is one, gives ids of the same size, with objects in some scene', async () => {
      if (!dataset.readInstances) return;
      const maps = await Promise.all(samples.map((sample) => dataset.readInstances!(sample)));
      for (const { width, height, data } of maps) {
        expect([height, width, data.length]).to.deep.equal([HEIGHT, WIDTH, HEIGHT * WIDTH]);
      }
      expect(maps.some(({ data }) => data.some((object) => object > 0))).to.equal(true);
      expect(maps.every(({ data }) => data.some((object) => object === 0))).to.equal(true);
    });

    it('names its splits when another is asked for', async () => {
      const wrong = (async () => dataset.samples('nowhere'))();
      await expectFailure(wrong, 'E_DATA_SPLIT', dataset.spec, '"nowhere"', dataset.splits.join(', '));
      await expectFailure((async () => dataset.samples('toString'))(), 'E_DATA_SPLIT');
    });

    it('opened in a worker thread, it gives the same pixels and labels', async () => {
      const source = openSource(dataset.spec);
      const loader = await BatchLoader.open({ source, split: 'val', batch: 1, seed: 0, shuffle: false });
      try {
        const { value: batch } = await loader.epoch(0).next();
        const sample = dataset.samples('val')[0]!;
        expect(batch!.ids).to.deep.equal([sample.id]);
        expect(Buffer.compare(batch!.images, (await dataset.readImage(sample)).data)).to.equal(0);
        const target = await dataset.readTarget(sample);
        expect(batch!.targets).to.deep.equal(dataset.targets.collate([target], [sample.id]));
      } finally {
        await loader.close();
      }
    });

    it('has no problems as it was made', async () => {
      expect((await checkDataset(dataset.spec, { splits: ['val'] })).problems).to.deep.equal([]);
    });

    if (kind === 'scenes') return; // It has no files.

    if (!hasMaps) {
      it('an image that is damaged, or gone, is named', async () => {
        const sample = dataset.samples('val')[0]!;
        const image = join(dataset.root!, sample.image);
        const kept = await readFile(image);
        const opened = await openDataset(dataset.spec);
        await writeFile(image, kept.subarray(0, kept.length >> 1));
        await expectFailure(dataset.readImage(sample), 'E_IMAGE_DECODE', image);
        const { problems } = await checkDataset(dataset.spec);
        expect(problems.map(({ code, split, id }) => [code, split, id])).to.deep.equal([
          ['E_IMAGE_DECODE', 'val', sample.id],
        ]);
        await rm(image);
        await expectFailure(opened.readImage(sample), 'E_DATA_MISSING', image);
        await writeFile(image, kept);
      });
      return;
    }

    describe('with a damaged file', () => {
      let sample: Sample;
      let image: string;
      let label: string;
      let kept: [string, Buffer][];

      before(() => {
        sample = dataset.samples('val')[0]!;
        image = join(dataset.root!, sample.image);
        label = join(dataset.root!, sample.label);
      });
      beforeEach(async () => {
        kept = [[image, await readFile(image)], [label, await readFile(label)]]; // prettier-ignore
      });
      afterEach(async () => {
        for (const [path, content] of kept) await writeFile(path, content);
      });

      /** Expects the check to name one problem of `sample`, with the file and a way out. */
      async function expectProblem(code: string, file: string): Promise<void> {
        const { problems } = await checkDataset(dataset.spec);
        expect(problems.map((problem) => [problem.code, problem.split, problem.id])).to.deep.equal([
          [code, 'val', sample.id],
        ]);
        expect(problems[0]!.message)
          .to.contain(file)
          .and.to.match(/, got .+\. [A-Z].+\.$/);
      }

      it('a missing image is named', async () => {
        await rm(image);
        await expectFailure(dataset.readImage(sample), 'E_DATA_MISSING', image);
        await expectFailure(dataset.readLabel(sample), 'E_DATA_MISSING', image);
        await expectProblem('E_DATA_MISSING', image);
      });

      it('a missing label map is named', async () => {
        await rm(label);
        await expectFailure(dataset.readLabel(sample), 'E_DATA_MISSING', label);
        await expectProblem('E_DATA_MISSING', label);
      });

      it('a truncated image is named', async () => {
        await writeFile(image, kept[0]![1].subarray(0, (await stat(image)).size >> 1));
        await expectFailure(dataset.readImage(sample), 'E_IMAGE_DECODE', image);
        await expectProblem('E_IMAGE_DECODE', image);
      });

      it('a truncated label map is named', async () => {
        await writeFile(label, kept[1]![1].subarray(0, (await stat(label)).size >> 1));
        await expectFailure(dataset.readLabel(sample), 'E_IMAGE_DECODE', label);
        await expectProblem('E_IMAGE_DECODE', label);
      });

      it('an empty label map is named', async () => {
        await writeFile(label, '');
        await expectProblem('E_IMAGE_DECODE', label);
      });

      it('a label map of another size is named with both sizes', async () => {
        const map = await decodeLabelMap(kept[1]![1], label);
        const cut = { width: WIDTH, height: HEIGHT - 1, data: map.data.subarray(WIDTH) };
        await writeFile(label, encodeLabelMap(cut));
        await expectFailure(
          dataset.readLabel(sample),
          'E_DATA_SIZE',
          label,
          `${WIDTH}x${HEIGHT}`,
          `${WIDTH}x${HEIGHT - 1}`,
        );
        await expectProblem('E_DATA_SIZE', label);
      });

      it('an id that no class has is named with its place and number', async () => {
        const map = await decodeLabelMap(kept[1]![1], label);
        map.data.fill(77, 2 * WIDTH + 5, 2 * WIDTH + 8);
        await writeFile(label, encodeLabelMap(map));
        await expectFailure(dataset.readLabel(sample), 'E_DATA_LABEL', label, '77 at x=5, y=2 and 2 more');
        await expectProblem('E_DATA_LABEL', label);
      });

      it('both files of a sample that are damaged are named', async () => {
        await rm(image);
        await writeFile(label, 'x');
        const { problems } = await checkDataset(dataset.spec, { splits: ['val'] });
        expect(problems.map(({ code }) => code)).to.deep.equal(['E_DATA_MISSING', 'E_IMAGE_DECODE']);
      });
    });
  });
}
