import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveDataset } from '../../src/data/derive.js';
import { openDataset } from '../../src/data/registry.js';
import { loadSource } from '../../src/data/source.js';
import { distortSequence } from '../../src/distort/distort.js';
import { codesSequences, parseLevel } from '../../src/distort/level.js';
import { readManifest } from '../../src/distort/manifest.js';
import { prepare, type PreparedLevel, type PrepareOptions } from '../../src/distort/prepare.js';
import { distortDataset } from '../../src/distort/source.js';
import { verify } from '../../src/distort/verify.js';
import { sourceAt } from '../../src/distort/level-source.js';
import { decodeImage } from '../../src/image/decode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { expectFailure } from '../support/failure.js';
import { contentOf } from './support/list-dataset.js';
import { frameOf, nameOf, range, writeEmptyLabel, writeFrame, writeRecordings } from './support/recording.js';

const LEVEL = 'h264=30-gop4';

describe('distort: prepared sequences', () => {
  let folder: string;
  let source: string;
  let out: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-sequence-copy-'));
    [source, out] = [join(folder, 'source'), join(folder, 'out')];
    // Two recordings, which begin at the same number; in one of them a frame of the other split.
    await writeRecordings(source, { val: { a: [1, 2, 3, 4, 6], b: range(1, 4) }, train: { a: [5] } }, 1);
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function run(options: Partial<PrepareOptions> & { texts?: string[] } = {}): Promise<PreparedLevel[]> {
    const { texts = [LEVEL], dataset = await openDataset(`list:${source}`), ...rest } = options;
    return prepare({ dataset, levels: texts.map(parseLevel), out, ...rest });
  }

  const counts = ([prepared]: PreparedLevel[]): [number, number] => [prepared!.written, prepared!.kept];

  const written = async (recording: string, number: number, level = LEVEL, extension = '.png'): Promise<Pixels> => {
    const path = join(out, level, `images/${nameOf(recording, number)}${extension}`);
    return decodeImage(await readFile(path), path);
  };

  async function coded(frames: Pixels[], level = LEVEL): Promise<Pixels[]> {
    const results: Pixels[] = [];
    const given = (async function* () {
      yield* frames;
    })();
    for await (const pixels of distortSequence(given, parseLevel(level))) results.push(pixels);
    return results;
  }

  it('the frames of each recording are coded together in their order, whatever their split', async () => {
    expect(counts(await run())).to.deep.equal([20, 0]);
    for (const [recording, last] of [
      ['a', 6],
      ['b', 4],
    ] as const) {
      const numbers = range(1, last);
      const expected = await coded(numbers.map((number) => frameOf(recording, number)));
      for (const [i, number] of numbers.entries()) {
        expect([...(await written(recording, number)).data], nameOf(recording, number)).to.deep.equal([
          ...expected[i]!.data,
        ]);
      }
    }
  });

  it('a frame looks the same whichever samples are asked for', async () => {
    const dataset = await openDataset(`list:${source}`);
    await run({ dataset });
    const whole = await contentOf(join(out, LEVEL, 'images'));
    await rm(out, { recursive: true });
    const some = deriveDataset(dataset, { splits: ['val'], samples: () => dataset.samples('val').slice(1, 3) });
    expect(counts(await run({ dataset: some }))).to.deep.equal([4, 0]);
    const two = await contentOf(join(out, LEVEL, 'images'));
    expect(two).to.deep.equal({ 'a_0002.png': whole['a_0002.png'], 'a_0003.png': whole['a_0003.png'] });
  });

  it('beside levels of single pictures, each has its own', async () => {
    await run({ texts: ['h264=30', LEVEL, 'brightness=0.5+resolution=0.5x-gop4+jpeg=30'] });
    const single = join(folder, 'single');
    await run({ texts: ['h264=30'], out: single });
    expect(await contentOf(join(out, 'h264=30', 'images'))).to.deep.equal(
      await contentOf(join(single, 'h264=30', 'images')),
    );
    const [intra, sequence] = [await written('a', 3, 'h264=30'), await written('a', 3)];
    expect(intra.data).not.to.deep.equal(sequence.data);
    const level = 'brightness=0.5+resolution=0.5x-gop4+jpeg=30';
    const expected = await coded(
      range(1, 4).map((number) => frameOf('b', number)),
      level,
    );
    expect([...(await written('b', 2, level, '.jpg')).data]).to.deep.equal([...expected[1]!.data]);
    expect(await openDataset(`list:${join(out, level)}`)).to.have.property('resized', true);
    expect(await verify({ out, dataset: await openDataset(`list:${source}`) })).to.deep.equal([]);
  });

  it('the manifest names codec, preset, GOP, B-frames, pixel format, and that sequences were coded', async () => {
    await run({ texts: ['h264=30-gop4', 'resolution=0.5x-gop12'] });
    const { level, codecs } = await readManifest(join(out, 'h264=30-gop4'));
    expect(level).to.equal('h264=30-gop4');
    expect(codecs).to.have.property(
      'h264-gop4',
      'libx264, preset medium, gop 4, yuv420p, bt601, at most 3 B-frames, 25 frames/s, whole sequences',
    );
    expect(codecs['ffmpeg']).to.match(/^\d+\.\d+/);
    expect((await readManifest(join(out, 'resolution=0.5x-gop12'))).codecs).to.have.property(
      'resolution-gop12',
      'libx264, crf 18, preset medium, gop 12, yuv420p, bt601, scaled by bicubic, at most 3 B-frames, 25 frames/s, whole sequences',
    );
  });

  describe('a second run', () => {
    it('writes nothing where all is right, and what is missing as it was', async () => {
      await run();
      const before = await contentOf(out);
      expect(counts(await run())).to.deep.equal([0, 20]);
      await rm(join(out, LEVEL, 'images/a_0003.png'));
      expect(counts(await run())).to.deep.equal([1, 19]);
      expect(await contentOf(out)).to.deep.equal(before);
    });

    it('codes a recording anew where one of its frames has changed, and no other', async () => {
      await run();
      await writeFrame(join(source, 'images/a_0002.png'), frameOf('a', 20));
      const dataset = await openDataset(`list:${source}`);
      const problems = await verify({ out, dataset });
      expect(problems.map(({ file }) => file)).to.have.members(range(1, 6).map((i) => `images/${nameOf('a', i)}.png`));
      expect(problems[0]!.problem).to.equal('is out of date: its source has changed');
      expect(counts(await run({ dataset }))).to.deep.equal([6, 14]);
      expect(await verify({ out, dataset })).to.deep.equal([]);
    });

    it('after an interruption within a recording ends in the same files', async () => {
      await run();
      const whole = await contentOf(out);
      await rm(out, { recursive: true });
      const controller = new AbortController();
      let files = 0;
      // After ten labels and two images.
      const progress = (): void => void (++files === 12 && controller.abort(new Error('stopped')));
      const stopped = run({ progress, signal: controller.signal, parallel: 1 });
      expect(await stopped.catch((reason: Error) => reason)).to.have.property('message', 'stopped');
      const left = await contentOf(out);
      expect(Object.keys(left).filter((path) => path.includes('images/'))).to.have.length(2);
      expect(Object.keys(left)).to.include(`${LEVEL}/manifest.partial.jsonl`).and.not.include(`${LEVEL}/manifest.json`);
      expect(counts(await run())).to.deep.equal([8, 12]);
      expect(await contentOf(out)).to.deep.equal(whole);
    });
  });

  describe('what is refused', () => {
    it('frames numbered farther apart than the dataset says', async () => {
      await writeRecordings(source, { val: { a: [1, 2, 3, 5] } }, 1);
      const rule = 'images of one folder with names that end in numbers at most 1 apart';
      const got = 'got 1 of 4 images without such neighbours, images/a_0005.png the first';
      await expectFailure(
        run(),
        'E_DISTORT_SEQUENCE',
        LEVEL,
        rule,
        got,
        'or use h264=30, which codes each picture alone.',
      );
      await writeRecordings(source, { val: { a: [1, 2, 3, 5] } }, 2);
      expect(counts(await run())).to.deep.equal([8, 0]);
    });

    it('a dataset whose images nothing calls frames', async () => {
      await writeRecordings(source, { val: { a: range(1, 4) } });
      await expectFailure(
        run(),
        'E_DISTORT_SEQUENCE',
        'images that nothing says are frames',
        'frameGap',
        'use h264=30',
      );
      await expectFailure(
        run({ dataset: await openDataset('scenes:7@32x48') }),
        'E_DISTORT_SEQUENCE',
        'scenes:7@32x48',
      );
    });

    it('frames of several sizes in one recording', async () => {
      const wide = { ...frameOf('b', 3), width: 48, height: 64 };
      await writeFrame(join(source, 'images/b_0003.png'), wide);
      await writeEmptyLabel(join(source, 'labels/b_0003.png'), [48, 64]);
      await expectFailure(run(), 'E_DISTORT_SEQUENCE', 'sequence from images/b_0001.png, frame 3', '64x48', '48x64');
    });
  });

  describe('used in place of the clean images', () => {
    const at = (level: string) => sourceAt({ data: `list:${source}`, prepared: out }, level);

    it('a copy of sequences is read at its own level, and not in place of intra frames', async () => {
      await run();
      const dataset = await loadSource(at(LEVEL));
      const sample = dataset.samples('val')[2]!;
      expect([...(await dataset.readImage(sample)).data]).to.deep.equal([...(await written('a', 3)).data]);
      const alone = await loadSource(at('h264=30'));
      expect((await alone.readImage(alone.samples('val')[2]!)).data).not.to.deep.equal((await written('a', 3)).data);
    });

    it('without one, and with one of intra frames alone, the level is refused, and how to prepare it is said', async () => {
      await run({ texts: ['h264=30'] });
      expect(codesSequences(parseLevel(LEVEL))).to.equal(true);
      const command = `gearnn distort --data list:${source} --level ${LEVEL} --subset SUBSET --out DIR`;
      await expectFailure((async () => at(LEVEL))(), 'E_DISTORT_SEQUENCE', command, '--prepared DIR');
      const dataset = await openDataset(`list:${source}`);
      await expectFailure((async () => distortDataset(dataset, parseLevel(LEVEL)))(), 'E_DISTORT_SEQUENCE', command);
    });
  });

  it("Cityscapes: the labelled frame as it is in the middle of its snippet's stream", async () => {
    const root = join(folder, 'cityscapes');
    await mkdir(root);
    const id = (number: number): string => `jena_000000_${String(number).padStart(6, '0')}`;
    const place = (number: number): string => join(root, `leftImg8bit_sequence/val/jena/${id(number)}_leftImg8bit.png`);
    for (const number of range(0, 29)) await writeFrame(place(number), frameOf('c', number));
    await writeFrame(join(root, `leftImg8bit/val/jena/${id(19)}_leftImg8bit.png`), frameOf('c', 19));
    await writeEmptyLabel(join(root, `gtFine/val/jena/${id(19)}_gtFine_labelIds.png`));
    const dataset = await openDataset(`cityscapes:${root}`);
    expect(counts(await run({ dataset }))).to.deep.equal([2, 0]);
    const copy = await openDataset(`list:${join(out, LEVEL)}`);
    const [sample] = copy.samples('val');
    expect(sample!.image).to.equal(`leftImg8bit/val/jena/${id(19)}_leftImg8bit.png`);
    const expected = await coded(range(0, 29).map((number) => frameOf('c', number)));
    expect([...(await copy.readImage(sample!)).data]).to.deep.equal([...expected[19]!.data]);

    await writeFrame(place(16), frameOf('c', 200));
    expect(counts(await run({ dataset }))).to.deep.equal([1, 1]);
    await rm(join(root, 'leftImg8bit_sequence'), { recursive: true });
    await expectFailure(run({ dataset }), 'E_DISTORT_SEQUENCE', 'Unpack leftImg8bit_sequence_trainvaltest.zip');
  });
});
