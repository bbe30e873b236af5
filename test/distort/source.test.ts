import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { loadSource } from '../../src/data/source.js';
import { distort } from '../../src/distort/distort.js';
import { CLEAN, parseLevel } from '../../src/distort/level.js';
import { distortDataset, distortedSource } from '../../src/distort/source.js';
import { writeListDataset } from './support/list-dataset.js';

describe('distort: datasets distorted in memory', () => {
  let folder: string;
  let spec: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-source-'));
    await writeListDataset(folder, { train: ['a', 'b'] });
    spec = `list:${folder}`;
  });
  after(() => rm(folder, { recursive: true }));

  it('a source can be sent to a thread, and opens there as the dataset at its level', async () => {
    const level = parseLevel('brightness=0.5+jpeg=30');
    const source = structuredClone(distortedSource(spec, level));
    const [clean, opened] = [await openDataset(spec), await loadSource(source)];
    expect(opened).to.include({ spec, name: 'list', root: folder, ignore: 255 });
    expect(opened.classes).to.deep.equal(clean.classes);
    expect(opened.samples('train')).to.deep.equal(clean.samples('train'));
    const sample = clean.samples('train')[1]!;
    const expected = await distort(await clean.readImage(sample), level);
    expect([...(await opened.readImage(sample)).data]).to.deep.equal([...expected.data]);
    expect(await opened.readLabel(sample)).to.deep.equal(await clean.readLabel(sample));
  });

  it('has no image files, as those of the source are not distorted', async () => {
    const dataset = await openDataset(spec);
    expect(dataset.readImageBytes).to.be.a('function');
    expect(distortDataset(dataset, parseLevel('jpeg=30')).readImageBytes).to.equal(undefined);
  });

  it('`clean` is the dataset itself', async () => {
    const dataset = await openDataset(spec);
    expect(distortDataset(dataset, CLEAN)).to.equal(dataset);
    expect((await loadSource(distortedSource(spec, CLEAN))).readImageBytes).to.be.a('function');
  });
});
