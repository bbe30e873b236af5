import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { enlargeDataset } from '../../src/data/enlarged-source.js';
import { readPair } from '../../src/data/pair.js';
import { openDataset } from '../../src/data/registry.js';
import { parseLevel } from '../../src/distort/level.js';
import { prepare } from '../../src/distort/prepare.js';
import { verify } from '../../src/distort/verify.js';
import { requireCopies } from '../../src/eval/prepared.js';
import { makers, temporaryFolder } from '../data/support/folders.js';

const LEVELS = ['jpeg=10', 'resolution=0.5x'].map((text) => parseLevel(text));

describe('distort: pictures with objects', () => {
  const folder = temporaryFolder();
  const makes: Record<string, (root: string) => Promise<string>> = {
    coco: makers['coco']!,
    pennfudan: makers['pennfudan']!,
    scenes: () => Promise.resolve('scenes:3@48x64/instances'),
  };

  for (const [kind, make] of Object.entries(makes)) {
    it(`${kind}: copies have the same objects, and are known to be copies`, async () => {
      const [root, out] = [join(folder(), kind), join(folder(), `${kind}-out`)];
      await mkdir(root);
      const dataset = await openDataset(await make(root));
      await prepare({ dataset, levels: LEVELS, out, splits: ['val'] });
      expect(await verify({ out, dataset })).to.deep.equal([]);
      await requireCopies(out, dataset.spec, [LEVELS[0]!.text], { parts: [{ split: 'val' }] });
      for (const { text } of LEVELS) {
        const copy = await openDataset(`list:${join(out, text)}`);
        expect(copy.classes).to.deep.equal(dataset.classes);
        for (const [i, sample] of dataset.samples('val').slice(0, 3).entries()) {
          const { image, target } = await readPair(copy, copy.samples('val')[i]!);
          expect(target).to.deep.equal(await dataset.readTarget(sample));
          const { width } = target as { width: number };
          expect(image.width).to.equal(copy.resized ? width / 2 : width);
          const enlarged = await readPair(enlargeDataset(copy), copy.samples('val')[i]!);
          expect([enlarged.image.width, enlarged.target]).to.deep.equal([width, target]);
        }
      }
    });
  }
});
