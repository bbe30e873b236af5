import { expect } from 'chai';
import { averagesOf } from '../../src/report/averages.js';
import { renderHtml } from '../../src/report/html/page.js';
import { levelLines } from '../../src/report/lines.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import type { Results } from '../../src/report/schema.js';
import { topResults } from './support/results.js';

/** Distances in place of scores: the adaptor's is the smallest at each level. */
function distances(): Results {
  const results = topResults();
  const far: Record<string, number> = { original: 1.4, adaptor: 0.2, switching: 0.4 };
  const rows = results.rows.map((row) => ({
    ...row,
    scores: { distance: far[row.method]! },
    primary: 'distance',
  }));
  return { ...results, rows, averages: averagesOf({ ...results, rows }) };
}

describe('report: metrics', () => {
  it('a report of top-1 accuracy names it, in percent, and has nothing of segmentation', () => {
    const results = topResults();
    const text = renderMarkdown(results);
    expect(text).to.contain('## Top-1 accuracy per level').and.contain('| jpeg=3 | 32.9% | 40.2% | 42.1% | 79% |');
    expect(text).to.contain('adaptors gain 6.9 points of top-1 accuracy against the original network');
    expect(text).to.contain('| method | what it is | mean top-1 accuracy |');
    const page = renderHtml(results);
    expect(page).to.contain('>40.2%</td>').and.contain('aria-label="top-1 accuracy by JPEG quality"');
    expect(text + page).not.to.match(/IoU/);
    expect(levelLines(results)[1]).to.equal('jpeg=3      32.9%      40.2%      42.1%');
  });

  it('of a distance less is better: gains, the best method and what is recovered', () => {
    const results = distances();
    const { points } = results.averages!;
    expect(points['adaptor']!.overOriginal).to.be.closeTo(120, 1e-9);
    expect(points['adaptor']!.overSwitching).to.be.closeTo(20, 1e-9);
    const text = renderMarkdown(results);
    expect(text).to.contain('adaptors gain 120.0 points of relative distance');
    expect(text).to.contain('| jpeg=3 | 1.400 | 0.200 | 0.400 | 120% |');
    const alone = results.methods.filter(({ name }) => name !== 'original');
    const rows = results.rows.filter(({ method }) => method !== 'original');
    const without = { ...results, methods: alone, rows, averages: averagesOf({ ...results, methods: alone, rows }) };
    expect(renderMarkdown(without)).to.contain('adaptor has the lowest mean relative distance, 0.200');
  });

  it('a metric that is not listed goes by its key', () => {
    const results = topResults();
    const rows = results.rows.map((row) => ({ ...row, scores: { boxes: 0.25 }, primary: 'boxes' }));
    expect(renderMarkdown({ ...results, rows }))
      .to.contain('## Boxes per level')
      .and.contain('| jpeg=3 | 0.250 |');
  });
});
