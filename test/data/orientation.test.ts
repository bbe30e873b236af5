import { expect } from 'chai';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { checkDataset, type CheckResult } from '../../src/data/check.js';
import { readPair } from '../../src/data/pair.js';
import { openDataset } from '../../src/data/registry.js';
import { writeListDataset } from '../../src/data/write-list.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { temporaryFolder } from './support/folders.js';

const DESCRIPTION = { classes: [{ name: 'a', color: [0, 0, 0] }], ignore: 255, splits: { val: 'val.txt' } };

/** What is said of orientations. */
function turnsIn({ warnings }: Pick<CheckResult, 'warnings'>): string[] {
  return warnings.filter(({ kind }) => kind === 'orientation').map(({ message }) => message);
}

describe('data: EXIF orientation', () => {
  const folder = temporaryFolder();
  const root = (): string => join(folder(), 'data');
  afterEach(() => rm(root(), { recursive: true, force: true }));

  /** A list dataset of one picture, stored in a size and with an orientation, and a label map of a size. */
  async function make(stored: [number, number], orientation: number, label: [number, number]): Promise<string> {
    await mkdir(root(), { recursive: true });
    const [width, height] = stored;
    const picture = sharp({ create: { width, height, channels: 3, background: 'blue' } });
    await writeFile(join(root(), 'a.jpg'), await picture.withMetadata({ orientation }).jpeg().toBuffer());
    const ids = new Uint8Array(label[0] * label[1]);
    await writeFile(join(root(), 'a.png'), encodeLabelMap({ data: ids, width: label[0], height: label[1] }));
    await writeFile(join(root(), 'val.txt'), '\ufeffa.jpg a.png\n._a.jpg ._a.png\n');
    await writeFile(join(root(), 'dataset.json'), `\ufeff${JSON.stringify(DESCRIPTION)}`);
    return `list:${root()}`;
  }

  it('a label map drawn upright fits, and that images are turned is warned of with the orientation', async () => {
    const { problems, samples, ...rest } = await checkDataset(await make([12, 8], 6, [8, 12]));
    const notes = turnsIn(rest);
    expect({ problems, samples }).to.deep.equal({ problems: [], samples: { val: 1 } });
    expect(notes).to.have.length(1);
    expect(notes[0]).to.contain('a.jpg has EXIF orientation 6').and.contain('upright');
  });

  it('one drawn on the stored picture is refused with the orientation and what to do, not with resizing', async () => {
    const { problems } = await checkDataset(await make([12, 8], 8, [12, 8]));
    expect(problems.map(({ code }) => code)).to.deep.equal(['E_DATA_SIZE']);
    const { message } = problems[0]!;
    for (const text of ['8x12', 'stored as 12x8', 'EXIF orientation 8', 'exif_transpose', 'exiftool -Orientation='])
      expect(message).to.contain(text);
    expect(message).not.to.contain('nearest neighbour');
  });

  it('a square picture, and one that is turned by 180 degrees or mirrored, is warned of: its size hides it', async () => {
    for (const [stored, orientation] of [
      [[8, 8], 6],
      [[12, 8], 3],
      [[12, 8], 2],
    ] as const) {
      const { problems, ...rest } = await checkDataset(await make([...stored], orientation, [...stored]));
      expect(problems).to.deep.equal([]);
      expect(turnsIn(rest).at(-1)).to.match(
        new RegExp(`a\\.jpg has EXIF orientation ${orientation}, which leaves the size as it is`),
      );
    }
  });

  it('a picture without one is not mentioned', async () => {
    expect(turnsIn(await checkDataset(await make([12, 8], 1, [12, 8])))).to.deep.equal([]);
  });

  it('what is written again is upright without an orientation', async () => {
    const dataset = await openDataset(await make([12, 8], 6, [8, 12]));
    const copy = join(folder(), 'copy');
    await writeListDataset(dataset, copy, {});
    const written = await openDataset(`list:${copy}`);
    const [pair, again] = await Promise.all([dataset, written].map((one) => readPair(one, one.samples('val')[0]!)));
    expect(again).to.deep.equal(pair);
    expect(turnsIn(await checkDataset(`list:${copy}`))).to.deep.equal([]);
  });
});
