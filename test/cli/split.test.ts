import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSplit } from '../../src/select/split.js';
import { shift, writeCheckpoint } from '../support/checkpoints.js';
import { gearnn } from './support/gearnn.js';

describe('gearnn split', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-split-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('--sensitivity solves the knapsack of a file', async () => {
    const file = join(folder, 'items.json');
    const items = [
      { name: 'a', value: 10, size: 6 },
      { name: 'b', value: 7.5, size: 5 },
      { name: 'c', value: 7.5, size: 5, more: 'fields are passed over' },
    ];
    await writeFile(file, JSON.stringify(items));
    const { code, out } = await gearnn('split', '--sensitivity', file, '--budget', '10', '--json');
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.deep.equal({ items: ['b', 'c'], value: 15, size: 10 });
    // 50% of 16 is 8.
    expect((await gearnn('split', '--sensitivity', file, '--budget', '50%')).out).to.contain(
      '1 of 3 items: 6 of 16 parameters, sensitivity 10',
    );
    await writeFile(file, JSON.stringify([{ name: 'a', value: -1, size: 6 }]));
    const negative = await gearnn('split', '--sensitivity', file, '--budget', '10', '--json');
    expect(negative).to.include({ code: 1, out: '' });
    expect(negative.err).to.contain('items[0].value: expected a finite number, 0 or more, got -1');
  });

  it('--base and --tuned write the split file and the picture, and print every item', async () => {
    const [base, tuned, split, plot] = ['base', 'tuned', 'split.json', 'plot.svg'].map((name) =>
      join(folder, name),
    ) as [string, string, string, string];
    const hash = await writeCheckpoint(base);
    await writeCheckpoint(tuned, { training: { level: 'jpeg=10', base: hash } }, shift({ 'seg.bias': 0.125 }));
    const call = ['split', '--base', base, '--tuned', tuned, '--budget', '2', '--out', split, '--plot', plot];
    const { code, out } = await gearnn(...call);
    expect(code).to.equal(0);
    expect(out).to.match(/\nseg\.bias +2 +1\.250e-1 +100% +chosen\n/);
    expect(out).to.match(/\nseg\.weight +\d+ +0\.000e\+0 +0%\n/);
    expect(out).to.contain('jpeg=10: 1 of 102 items chosen, 2 of 2 parameters');
    expect((await readSplit(split)).items.map(({ name }) => name)).to.deep.equal(['seg.bias']);
    expect(await readFile(plot, 'utf8')).to.match(/^<svg /);

    const again = await gearnn(...call);
    expect(again.code).to.not.equal(0);
    expect(again.err).to.contain(`${split}, which is there already`).and.to.contain('--force');
    const { err } = await gearnn(...call, '--out', join(folder, 'other.json'));
    expect(err).to.contain(`--plot: expected a place without results, got ${plot}`);
    expect((await gearnn(...call, '--granularity', 'layer', '--budget', '1%', '--force', '--json')).code).to.equal(0);
    expect((await readSplit(split)).granularity).to.equal('layer');
  });

  it('--values and --choose take other values and other choosers, and refuse what is none', async () => {
    const [base, tuned, split] = ['base', 'tuned', 'split.json'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const hash = await writeCheckpoint(base);
    const moved = shift({ 'seg.bias': 0.125, 'base.0.1.running_mean': 0.01 });
    await writeCheckpoint(tuned, { training: { level: 'jpeg=10', base: hash } }, moved);
    const call = ['split', '--base', base, '--tuned', tuned, '--budget', '2', '--out', split, '--force'];
    expect((await gearnn(...call, '--values', 'total', '--choose', 'greedy')).code).to.equal(0);
    expect(await readSplit(split)).to.include({ values: 'total', chooser: 'greedy', value: 0.25 });
    expect((await gearnn(...call, '--choose', 'bn-statistics')).code).to.equal(0);
    const { items, size } = await readSplit(split);
    expect(items.every(({ name }) => name.endsWith('.running'))).to.equal(true);
    expect(size).to.be.above(2);
    expect((await gearnn(...call, '--choose', 'union', '--others', tuned)).code).to.equal(0);
    expect((await readSplit(split)).items.map(({ name }) => name)).to.deep.equal(['seg.bias']);
    const wrong = await gearnn(...call, '--choose', 'best');
    expect(wrong.code).to.equal(2);
    expect(wrong.err).to.contain('--choose: expected one of knapsack, greedy, random').and.contain('"best"');
  });

  it('a budget that is none exits with 2, and so do options that contradict each other', async () => {
    const file = join(folder, 'items.json');
    await writeFile(file, '[]');
    const budget = await gearnn('split', '--sensitivity', file, '--budget', 'much');
    expect(budget.code).to.equal(2);
    expect(budget.err).to.contain('got "much". Write for example 31814 or 0.2%. (E_SPLIT_BUDGET)');
    for (const [option, value] of [
      ['--base', 'x'],
      ['--granularity', 'layer'],
    ] as const) {
      const { code, err } = await gearnn('split', '--sensitivity', file, option, value, '--budget', '1');
      expect(code).to.equal(2);
      expect(err).to.contain('cannot be used with option').and.to.contain(`'${option} `);
    }
    expect((await gearnn('split', '--budget', '1')).code).to.equal(2);
  });
});
