import { expect } from 'chai';
import { seriesOf } from '../../src/report/charts/series.js';
import { renderHtml } from '../../src/report/html/page.js';
import { levelLines } from '../../src/report/lines.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { sweepsOf } from '../../src/report/sweeps.js';
import { exampleResults, manyMethods } from './support/results.js';

describe('report: many methods', () => {
  const results = manyMethods(16);

  it('each has a column, in the order of the config, and a mean', () => {
    const names = results.methods.map(({ name }) => name);
    const text = renderMarkdown(results);
    expect(text).to.contain(`| level | ${names.join(' | ')} | recovered |`);
    expect(levelLines(results)[0]!.trim().split(/ {2,}/)).to.deep.equal(['level', ...names]);
    expect(new Set(levelLines(results).map((line) => line.length)).size).to.equal(1);
  });

  it('no two of 16 curves are alike in colour and dashes; three have none', () => {
    const looks = seriesOf(results.methods).map(({ color, dash }) => `${color} ${dash}`);
    expect(new Set(looks).size).to.equal(16);
    expect(seriesOf(exampleResults().methods).map(({ color, dash }) => color + dash)).to.deep.equal([
      'var(--original)',
      'var(--adaptor)',
      'var(--switching)',
    ]);
    const page = renderHtml(results);
    for (const { color, dash } of seriesOf(results.methods)) {
      const name = /--[a-z-]+/.exec(color)![0];
      // In the light scheme, the dark one and in print.
      expect(page.split(`${name}: #`), name).to.have.length(4);
      if (dash) expect(page).to.contain(`stroke-dasharray="${dash}"`);
    }
  });

  it('the method that is called as its kind stands for it, wherever it is in the list', () => {
    expect(seriesOf(results.methods).find(({ method }) => method === 'adaptor')!.color).to.equal('var(--adaptor)');
    expect(renderMarkdown(results)).to.contain('adaptors gain 3.6 points of mIoU against the original network');
  });

  it('says of two methods of one kind by which options they differ, in the table and beside the curves', () => {
    const known = exampleResults();
    const [original] = known.methods;
    const first = { ...original!, name: 'mild', description: 'as with noise', options: { alpha: 0.5, sigma: 0.02 } };
    const second = { ...first, name: 'fast', options: { learningRate: 0.01, levels: ['jpeg=5', 'h264=24'] } };
    const told = { ...known, methods: [...known.methods, first, second] };
    const texts = [
      'as with noise (alpha 0.5, sigma 0.02)',
      'as with noise (learning rate 0.01, levels jpeg=5, h264=24)',
    ];
    for (const text of texts) {
      expect(renderMarkdown(told)).to.contain(`| ${text} |`);
      expect(renderHtml(told).split(text)).to.have.length(3);
    }
    expect(renderMarkdown(told)).to.contain(`| original | ${original!.description} |`);
  });

  it('says of each difference from the adaptor whether its interval excludes 0', () => {
    const text = renderMarkdown(results);
    expect(text).to.contain('| adaptor-1% | +1.0 | +0.4 to +1.7 | yes |');
    expect(text).to.contain('| switching | +0.9 | −0.2 to +2.1 | no |');
    expect(text).to.contain('2,000 draws of blocks of 10 neighbouring images');
    expect(renderHtml(results)).to.contain('excludes 0');
    expect(renderMarkdown(exampleResults())).not.to.contain('interval');
  });

  it('draws a curve over the size of adaptors where a method stands with several budgets, and none elsewhere', () => {
    const [sweep, ...others] = sweepsOf(results);
    expect(others).to.deep.equal([]);
    expect(sweep!.kind).to.equal('adaptor');
    expect(sweep!.points.map(({ method }) => method)).to.deep.equal(['adaptor', 'adaptor-1%']);
    // 29,000 and 149,000 of 15,897,051.
    expect(sweep!.points.map(({ share }) => share.toFixed(3))).to.deep.equal(['0.182', '0.937']);
    expect(renderHtml(results)).to.contain('aria-label="mIoU over the size of adaptors"');
    expect(renderMarkdown(results)).to.contain('## adaptor at several budgets');
    expect(sweepsOf(exampleResults())).to.deep.equal([]);
    expect(renderHtml(exampleResults())).not.to.contain('over the size of adaptors');
  });
});
