import { expect } from 'chai';
import { sensitivitySvg } from '../../src/report/sensitivity-svg.js';
import { splitOfSummary, summarizeSplit } from '../../src/select/split-summary.js';
import type { ItemTensor } from '../../src/select/item.js';
import { itemsOf } from '../../src/select/items.js';
import { createSplit, type Split } from '../../src/select/split.js';

const STATE: ItemTensor[] = [
  { name: 'base.0.0.weight', role: 'weight', group: 'base.0.0', size: 4 },
  { name: 'base.0.1.weight', role: 'scale', group: 'base.0.1', size: 2 },
  { name: 'base.0.1.running_mean', role: 'mean', group: 'base.0.1', size: 2 },
  { name: 'base.0.1.running_var', role: 'variance', group: 'base.0.1', size: 2 },
  { name: 'seg.weight', role: 'weight', group: 'seg', size: 8 },
  { name: 'seg.bias', role: 'bias', group: 'seg', size: 2 },
];

function splitOf(granularity: 'tensor' | 'layer'): Split {
  const values = (value: number) =>
    new Map(STATE.map(({ name, size }) => [name, { shape: [size], data: new Float32Array(size).fill(value) }]));
  const tuned = values(0);
  tuned.get('base.0.1.running_mean')!.data.fill(0.5);
  tuned.get('seg.bias')!.data.fill(0.25);
  const base = values(0);
  return createSplit({ parameters: STATE, base, tuned, level: 'jpeg=10', baseHash: 'ab', budget: '10', granularity });
}

describe('select: a split’s summary', () => {
  it('groups items by what they are to the network', () => {
    const { items, sensitivity } = summarizeSplit(splitOf('tensor'), itemsOf(STATE));
    expect(items).to.deep.equal(['base.0.1.running', 'seg.bias']);
    expect(sensitivity.map(({ name, group }) => [name, group])).to.deep.equal([
      ['base.0.0.weight', 'convolution'],
      ['base.0.1.weight', 'normalization'],
      ['base.0.1.running', 'statistics'],
      ['seg.weight', 'convolution'],
      ['seg.bias', 'convolution'],
    ]);
  });

  it('by layer, a layer with running statistics is a normalization', () => {
    const { sensitivity } = summarizeSplit(splitOf('layer'), itemsOf(STATE, 'layer'));
    expect(sensitivity.map(({ name, group }) => [name, group])).to.deep.equal([
      ['base.0.0', 'convolution'],
      ['base.0.1', 'normalization'],
      ['seg', 'convolution'],
    ]);
  });

  it('is what its summary and what that does not say come to', () => {
    for (const granularity of ['tensor', 'layer'] as const) {
      const split = splitOf(granularity);
      const items = itemsOf(STATE, granularity);
      const { baseHash, budget, total } = split;
      const again = splitOfSummary(summarizeSplit(split, items), items, { baseHash, granularity, budget, total });
      expect(JSON.stringify(again)).to.equal(JSON.stringify(split));
    }
  });

  it('its picture is an SVG file of its own that shows what moved and tells what was chosen', () => {
    const svg = sensitivitySvg(summarizeSplit(splitOf('tensor'), itemsOf(STATE)));
    expect(svg).to.match(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 880 \d+"/);
    expect(svg.trimEnd()).to.match(/<\/svg>$/);
    expect(svg).to.contain('Sensitivity at jpeg=10: 6 parameters chosen, 20% of all changed by more than 2e-4');
    expect([...svg.matchAll(/<title>([^<]*)<\/title>/g)].map((match) => match[1])).to.deep.equal([
      'base.0.1.running: 2.50e-1, 4 parameters, chosen',
      'seg.bias: 2.50e-1, 2 parameters, chosen',
    ]);
    // The bias's ring; what is neither weight nor bias has no mark.
    expect([...svg.matchAll(/<circle /g)]).to.have.length(1);
    // Programs that know no style sheets can draw it.
    expect(svg).not.to.contain('var(').and.not.to.contain('undefined');
    expect(svg).to.contain('fill="#ffffff"').and.contain('[fill="#ffffff"] { fill: #14181d }');
    expect(svg).to.contain('@media (prefers-color-scheme: dark)');
  });
});
