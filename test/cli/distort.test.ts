import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { readManifest } from '../../src/distort/manifest.js';
import { writeListDataset } from '../distort/support/list-dataset.js';
import { range, writeRecordings } from '../distort/support/recording.js';
import { GEARNN } from '../support/programs.js';
import { gearnn } from './support/gearnn.js';
import { WITHOUT_NODE_AV } from './support/without-package.js';

describe('gearnn distort', () => {
  let folder: string;
  let source: string;
  let out: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-distort-'));
    source = join(folder, 'source');
    out = join(folder, 'out');
    await writeListDataset(source, { train: ['a', 'b'], val: ['c'] });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes a list dataset per level, says what it wrote, and checks it', async () => {
    const call = ['--data', `list:${source}`, '--level', 'jpeg=30', '--level', 'brightness=0.50', '--out', out];
    const { code, out: printed } = await gearnn('distort', ...call);
    expect(code).to.equal(0);
    expect(printed.split('\n').map((line) => line.split(/ {2,}/))).to.deep.equal([
      ['level', 'images', 'files written', 'right already', 'dataset'],
      ['jpeg=30', '3', '6', '0', `list:${out}/jpeg=30`],
      ['brightness=0.5', '3', '6', '0', `list:${out}/brightness=0.5`],
      [''],
    ]);
    expect((await openDataset(`list:${out}/brightness=0.5`)).samples('train')).to.have.length(2);

    const again = await gearnn('distort', ...call, '--json');
    expect(JSON.parse(again.out)).to.deep.equal({
      levels: [
        { level: 'jpeg=30', folder: `${out}/jpeg=30`, images: 3, written: 0, kept: 6 },
        { level: 'brightness=0.5', folder: `${out}/brightness=0.5`, images: 3, written: 0, kept: 6 },
      ],
    });
    expect(await gearnn('distort', '--out', out, '--check')).to.include({ code: 0, out: 'Every file is right.\n' });
  });

  it('writes levels of several kinds, and smaller pictures beside labels of their own size', async () => {
    const levels = ['h264=24', 'resolution=12x8', 'brightness=0.5+jpeg=30', 'brightness=0.5+resolution=0.5x'];
    const call = ['--data', `list:${source}`, ...levels.flatMap((level) => ['--level', level]), '--out', out];
    const { code, err } = await gearnn('distort', ...call);
    expect(err).to.not.contain('E_');
    expect(code).to.equal(0);
    for (const level of levels) {
      const dataset = await openDataset(`list:${join(out, level)}`);
      const sample = dataset.samples('val')[0]!;
      const [image, label] = [await dataset.readImage(sample), await dataset.readLabel(sample)];
      const isSmall = level.includes('resolution');
      expect([image.width, image.height], level).to.deep.equal(isSmall ? [12, 8] : [24, 16]);
      expect([label.width, label.height], level).to.deep.equal([24, 16]);
      expect(dataset.resized, level).to.equal(isSmall);
    }
    const { codecs, resized } = await readManifest(join(out, 'resolution=12x8'));
    expect(resized).to.equal(true);
    expect(codecs).to.have.property(
      'resolution',
      'libx264, crf 18, preset medium, gop 1, yuv420p, bt601, scaled by bicubic',
    );
    expect(await gearnn('distort', '--out', out, '--data', `list:${source}`, '--check')).to.include({ code: 0 });
  });

  it('names the picture that a resolution would enlarge', async () => {
    const call = ['--data', `list:${source}`, '--level', 'resolution=26x16', '--out', out];
    const { code, err } = await gearnn('distort', ...call);
    expect(code).to.equal(1);
    expect(err).to.match(
      /images\/[abc]\.png: expected a picture of at least 26x16, for resolution=26x16, got one of 24x16\./,
    );
  });

  it('codes consecutive frames together where the level has a GOP, and says what to do where there are none', async () => {
    const frames = join(folder, 'frames');
    await writeRecordings(frames, { val: { a: range(1, 5) } }, 1);
    const level = ['--level', 'brightness=0.5+h264=30-gop4', '--out', out];
    const { code, out: printed } = await gearnn('distort', '--data', `list:${frames}`, ...level, '--json');
    expect(code).to.equal(0);
    expect(JSON.parse(printed)).to.deep.include({
      levels: [{ level: level[1], folder: join(out, level[1]!), images: 5, written: 10, kept: 0 }],
    });
    expect(await gearnn('distort', '--data', `list:${frames}`, ...level, '--check')).to.include({ code: 0 });
    const none = await gearnn(
      'distort',
      '--data',
      `list:${source}`,
      ...level.slice(0, 2),
      '--out',
      join(folder, 'none'),
    );
    expect(none.code).to.equal(1);
    expect(none.err).to.contain('expected consecutive frames').and.contain('use brightness=0.5+h264=30');
  });

  it('--subset takes some splits; --check lists what is wrong and fails', async () => {
    const call = ['--data', `list:${source}`, '--level', 'jpeg=30', '--out', out];
    expect((await gearnn('distort', ...call, '--subset', 'val')).code).to.equal(0);
    expect((await openDataset(`list:${out}/jpeg=30`)).splits).to.deep.equal(['val']);
    await rm(join(out, 'jpeg=30/images/c.jpg'));
    const plain = await gearnn('distort', '--out', out, '--check');
    expect(plain.code).to.equal(1);
    expect(plain.out).to.equal('jpeg=30/images/c.jpg is missing or has changed since it was written\n');
    expect(plain.err).to.contain(`${out}: expected every file as its manifest says, got 1 that is not.`);
    const json = await gearnn('distort', '--out', out, '--check', '--json');
    expect(json.code).to.equal(1);
    expect(JSON.parse(json.out).problems).to.have.length(1);
  });

  it('--check takes some splits as well, and no --force', async () => {
    const call = ['--data', `list:${source}`, '--level', 'jpeg=30', '--out', out];
    expect((await gearnn('distort', ...call)).code).to.equal(0);
    await rm(join(out, 'jpeg=30/images/c.jpg'));
    expect(await gearnn('distort', '--out', out, '--check', '--subset', 'train')).to.include({ code: 0 });
    expect(await gearnn('distort', '--out', out, '--check', '--subset', 'val')).to.include({ code: 1 });
    const unknown = await gearnn('distort', '--out', out, '--check', '--subset', 'vall');
    expect(unknown.code).to.equal(2);
    expect(unknown.err).to.contain('one of its splits (train, val), got "vall"').and.contain('E_DATA_SPLIT');
    const force = await gearnn('distort', '--out', out, '--check', '--force');
    expect(force.code).to.equal(2);
    expect(force.err).to.contain('--force: expected no such option beside --check').and.contain('E_USAGE');
  });

  it('--check says which levels only --force mends', async () => {
    const call = ['--data', `list:${source}`, '--level', 'jpeg=30', '--level', 'brightness=0.5', '--out', out];
    expect((await gearnn('distort', ...call)).code).to.equal(0);
    await writeFile(join(out, 'brightness=0.5/val.txt'), '');
    const plain = await gearnn('distort', '--out', out, '--check');
    expect(plain.err).to.contain('Run gearnn distort without --check, which mends them. (E_');
    await writeFile(join(out, 'jpeg=30/manifest.json'), '{}');
    const forced = await gearnn('distort', '--out', out, '--check');
    expect(forced.err).to.contain(
      'Run gearnn distort without --check, which mends them, with --force for jpeg=30. (E_',
    );
  });

  it('--check of H.264 where node-av is missing compares all but the versions of the codecs, and says so', async () => {
    const call = ['--data', `list:${source}`, '--level', 'h264=30', '--out', out];
    expect((await gearnn('distort', ...call)).code).to.equal(0);
    const check = [...GEARNN, 'distort', '--out', out, '--data', `list:${source}`, '--check'];
    const run = () => spawnSync(process.execPath, ['--import', WITHOUT_NODE_AV, ...check], { encoding: 'utf8' });
    const whole = run();
    expect(whole.status, whole.stderr).to.equal(0);
    expect(whole.stdout).to.equal('Every file is right.\n');
    expect(whole.stderr).to.contain('warning: h264=30: versions of the codecs are not compared').and.contain('node-av');
    await rm(join(out, 'h264=30/images/c.png'));
    expect(run().stdout).to.equal('h264=30/images/c.png is missing or has changed since it was written\n');
  });

  it('a wrong level and a missing option exit with 2 before anything is written', async () => {
    const level = await gearnn('distort', '--data', `list:${source}`, '--level', 'jpeg=0', '--out', out);
    expect(level).to.include({ code: 2, out: '' });
    expect(level.err).to.contain('got 0 in "jpeg=0". Use jpeg=1 for the strongest compression. (E_DISTORT_LEVEL)');
    const data = await gearnn('distort', '--level', 'jpeg=5', '--out', out);
    expect(data.code).to.equal(2);
    expect(data.err).to.contain('--data: expected this option');
  });
});
