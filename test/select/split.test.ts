import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ItemTensor } from '../../src/select/item.js';
import { createSplit, readSplit, writeSplit } from '../../src/select/split.js';
import { expectFailure } from '../support/failure.js';

const STATE: ItemTensor[] = [
  { name: 'conv.weight', role: 'weight', group: 'conv', size: 4 },
  { name: 'bn.weight', role: 'scale', group: 'bn', size: 2 },
  { name: 'bn.running_mean', role: 'mean', group: 'bn', size: 2 },
  { name: 'bn.running_var', role: 'variance', group: 'bn', size: 2 },
  { name: 'up.weight', role: 'fixed', group: 'up', size: 10 },
];

function state(change: Record<string, number> = {}) {
  return new Map(
    STATE.map(({ name, size }) => [
      name,
      { shape: [size], data: new Float32Array(size).fill(1 + (change[name] ?? 0)) },
    ]),
  );
}

const OPTIONS = {
  parameters: STATE,
  base: state(),
  // Powers of two, so that the sums below are exact in float32.
  tuned: state({ 'conv.weight': 0.0625, 'bn.weight': 0.25, 'bn.running_mean': 0.5, 'up.weight': 8 }),
  level: 'jpeg=10',
  baseHash: 'ab12',
  budget: '32%',
};

describe('select: split', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-split-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('chooses the items of highest sensitivity within the budget, and says what it chose from', () => {
    expect(createSplit(OPTIONS)).to.deep.equal({
      format: 'gearnn-split',
      version: 1,
      level: 'jpeg=10',
      baseHash: 'ab12',
      granularity: 'tensor',
      budget: { text: '32%', parameters: 6 },
      total: 20,
      items: [
        { name: 'bn.weight', tensors: ['bn.weight'], size: 2 },
        { name: 'bn.running', tensors: ['bn.running_mean', 'bn.running_var'], size: 4 },
      ],
      size: 6,
      value: 0.5,
      sensitivity: [
        { name: 'conv.weight', value: 0.0625, size: 4, changed: 1 },
        { name: 'bn.weight', value: 0.25, size: 2, changed: 1 },
        { name: 'bn.running', value: 0.25, size: 4, changed: 0.5 },
      ],
    });
  });

  it('by layer, chooses whole layers', () => {
    const { items, size } = createSplit({ ...OPTIONS, granularity: 'layer' });
    expect(items.map(({ name }) => name)).to.deep.equal(['bn']);
    expect(size).to.equal(6);
  });

  it('a file is read back as it was written', async () => {
    const path = join(folder, 'a/split.json');
    const split = createSplit(OPTIONS);
    await writeSplit(path, split);
    expect(await readSplit(path)).to.deep.equal(split);
  });

  it('a file with a wrong field is refused with the path of that field', async () => {
    const path = join(folder, 'wrong.json');
    const split = createSplit(OPTIONS);
    await writeFile(path, JSON.stringify({ ...split, items: [split.items[0], { ...split.items[1], size: -1 }] }));
    await expectFailure(readSplit(path), 'E_SPLIT', `${path}: items[1].size: expected a split file of gearnn`);
  });

  it('a file of a later version, one that is no JSON and one that is not there are refused', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, JSON.stringify({ ...createSplit(OPTIONS), version: 2 }));
    await expectFailure(readSplit(path), 'E_SPLIT', `${path}: version: `);
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 40));
    await expectFailure(readSplit(path), 'E_SPLIT', `${path}: expected a split file of gearnn, version 1, in JSON`);
    await expectFailure(
      readSplit(join(folder, 'none.json')),
      'E_SPLIT',
      'got no such file. Write one with gearnn split.',
    );
  });
});
