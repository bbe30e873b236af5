import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/common/random.js';
import type { ClassInfo } from '../../src/data/dataset.js';
import { openDataset } from '../../src/data/registry.js';
import { openSource } from '../../src/data/source.js';
import { parseLevel } from '../../src/distort/level.js';
import { prepare } from '../../src/distort/prepare.js';
import { measureResponse, responseOf } from '../../src/frequency/measure.js';
import type { FrequencyResponse } from '../../src/frequency/response.js';
import { encodePng } from '../../src/image/encode.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { makeCityscapes, write } from '../data/support/folders.js';
import { CLASSES } from '../distort/support/list-dataset.js';
import { writeBase } from '../pipeline/support/cityscapes.js';
import { expectClose, onTensorflow } from '../support/engines.js';

onTensorflow('frequency: response of a checkpoint', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'gearnn-measure-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('on a prepared copy, whose samples have other ids, is that on the same images distorted in memory', async () => {
    const [data, prepared, level] = [
      await makeCityscapes(join(folder, 'data')),
      join(folder, 'copies'),
      'brightness=0.5',
    ];
    const dataset = await openDataset(data);
    await prepare({ dataset, levels: [parseLevel(level)], out: prepared, splits: ['val'] });
    const checkpoint = await writeBase(join(folder, 'base'), 'drn-d-22', dataset.classes);
    const options = { checkpoint, data, level, samples: { split: 'val', start: 1 } };
    const inMemory = await measureResponse(options);
    const fromCopy = await measureResponse({ ...options, prepared });
    expect(inMemory.images).to.deep.equal(['jena_000001_000019']);
    expect(fromCopy.images).to.deep.equal(['leftImg8bit/val/jena/jena_000001_000019_leftImg8bit']);
    expectClose(fromCopy.together.data, inMemory.together.data, 1e-6);
  });

  it("counts no pixel that the dataset ignores, whatever the checkpoint's own ignored id", async () => {
    const checkpoint = await loadCheckpoint(await writeBase(join(folder, 'base'), 'drn-d-22', CLASSES as ClassInfo[]));
    expect(checkpoint.config.ignore).to.equal(255);
    const responses: FrequencyResponse[] = [];
    for (const ignore of [255, 9]) {
      const data = await writeIgnoring(join(folder, String(ignore)), ignore);
      responses.push(await responseOf(checkpoint, { source: openSource(data), split: 'val', samples: ['a'] }));
    }
    const [same, other] = responses;
    expect(other!.loss).to.equal(same!.loss);
    expect([...other!.together.data]).to.deep.equal([...same!.together.data]);
  });
});

/** A picture of 20x12, which a stride of 8 pads, with two classes and the ignored id in its label. */
async function writeIgnoring(folder: string, ignore: number): Promise<string> {
  const [width, height] = [20, 12];
  const random = Random.of(1, 'ignoring');
  const values = (count: number, bound: number) => Uint8Array.from({ length: count }, () => random.integer(bound));
  const image = await encodePng({ data: values(width * height * 3, 256), width, height, channels: 3 });
  const label = values(width * height, 3).map((id) => (id === 2 ? ignore : id));
  await write(folder, 'a.png', image);
  await write(folder, 'a-label.png', encodeLabelMap({ data: label, width, height }));
  await write(folder, 'val.txt', 'a.png a-label.png\n');
  await write(folder, 'dataset.json', JSON.stringify({ classes: CLASSES, ignore, splits: { val: 'val.txt' } }));
  return `list:${folder}`;
}
