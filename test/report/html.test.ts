import { expect } from 'chai';
import { parseHTML } from 'linkedom';
import { html, markup } from '../../src/report/html/markup.js';
import { renderHtml } from '../../src/report/html/page.js';
import type { Results } from '../../src/report/schema.js';
import { exampleFrames, exampleResults } from './support/results.js';

function headings(page: string): string[] {
  return [...parseHTML(page).document.querySelectorAll('h2')].map(({ textContent }) => textContent);
}

function cells(page: string, heading: string): string[][] {
  const { document } = parseHTML(page);
  const title = [...document.querySelectorAll('h2')].find(({ textContent }) => textContent === heading)!;
  let element = title.nextElementSibling!;
  while (!element.querySelector('table')) element = element.nextElementSibling!;
  return [...element.querySelectorAll('tr')].map((line) => [...line.children].map(({ textContent }) => textContent));
}

describe('report: report.html', () => {
  const results = exampleResults();
  const page = renderHtml(results, exampleFrames());

  it('asks for nothing from outside: no address, script, style or font of another file', () => {
    const outside = page.replaceAll('http://www.w3.org/2000/svg', '');
    expect(outside).not.to.match(/https?:|\/\/[a-z]/i);
    expect(outside).not.to.match(/<script|<link|<iframe|@import|url\((?!#)/i);
    const sources = [...page.matchAll(/ (?:src|href|srcset)="([^"]*)"/g)].map((match) => match[1]!);
    expect(sources).to.have.length.above(0);
    expect(sources.filter((source) => !source.startsWith('data:image/'))).to.deep.equal([]);
  });

  it('has every section', () => {
    expect(headings(page)).to.deep.equal([
      'mIoU per level',
      'Methods',
      'Examples',
      'Memory',
      'What each adaptor chose',
      'Sensitivity',
      'IoU per class',
      'Learning rates tried',
      'Fine-tuning',
      'How it was made',
    ]);
  });

  it('draws a curve per method with a point per level, for a desk and for a phone', () => {
    const { document } = parseHTML(page);
    const charts = [...document.querySelectorAll('svg[aria-label="mIoU by JPEG quality"]')];
    expect(charts).to.have.length(2);
    for (const chart of charts) {
      expect(chart.querySelectorAll('[aria-label=line] path')).to.have.length(3);
      const strokes = [...chart.querySelectorAll('[aria-label=line] path')].map((line) => line.getAttribute('stroke'));
      expect(strokes).to.deep.equal(['var(--original)', 'var(--adaptor)', 'var(--switching)']);
      expect(chart.querySelectorAll('[aria-label=dot] circle')).to.have.length(30);
    }
    expect(charts[0]!.textContent).to.contain('adaptor at jpeg=10: 0.503').and.contain('original, clean images: 0.526');
  });

  it('draws a chart per kind of distortion, so that no line joins one to another', () => {
    const mixed = exampleResults(['jpeg=10', 'brightness=0.5', 'jpeg=3']);
    const { document } = parseHTML(renderHtml(mixed));
    const charts = [...document.querySelectorAll('figure.panels.wide svg')];
    expect(charts.map((chart) => chart.getAttribute('aria-label'))).to.deep.equal([
      'mIoU by JPEG quality',
      'mIoU by brightness',
    ]);
    const titles = charts.map((chart) => [...chart.querySelectorAll('title')].map(({ textContent }) => textContent));
    expect(titles[1]).to.deep.equal(
      ['original', 'adaptor', 'switching'].map((name, i) => {
        return `${name} at brightness=0.5: ${['0.375', '0.439', '0.465'][i]!}`;
      }),
    );
    expect(charts[0]!.textContent).to.contain('← stronger').and.contain('weaker →');
    expect(charts[1]!.textContent).to.contain('← darker').and.contain('brighter →');
  });

  it('a wide table scrolls in a box of its own', () => {
    const { document } = parseHTML(page);
    for (const found of document.querySelectorAll('table')) expect(found.parentElement!.className).to.equal('scroll');
    expect(page).to.match(/\.scroll \{ overflow-x: auto;/);
  });

  it('draws the sensitivity of every item at every level, coloured where it was chosen', () => {
    const { document } = parseHTML(page);
    const chart = document.querySelector('svg[aria-label="sensitivity of each item at jpeg=3"]')!;
    const { items, sensitivity } = results.splits[0]!;
    const bars = [...chart.querySelectorAll('[aria-label=rect] rect')];
    expect(bars).to.have.length(sensitivity.length);
    expect(bars.filter((bar) => bar.getAttribute('fill') !== 'var(--rest)')).to.have.length(items.length);
    for (const { level } of results.splits) {
      expect(document.querySelectorAll(`svg[aria-label="sensitivity of each item at ${level}"]`)).to.have.length(2);
    }
  });

  it('shows what each adaptor holds: a row per level, a column per item', () => {
    const { document } = parseHTML(page);
    const bars = document.querySelectorAll('svg[aria-label="items that each adaptor holds"] [aria-label=bar] rect');
    const { sensitivity } = results.splits[0]!;
    expect(bars).to.have.length(2 * results.splits.length * sensitivity.length);
  });

  it('has the table of levels with means, of memory, and of learning rates', () => {
    const table = cells(page, 'mIoU per level');
    expect(table[4]).to.deep.equal(['jpeg=10', '0.443', '0.503', '0.512', '87%']);
    expect(table.at(-2)).to.deep.equal(['mean', '0.460', '0.496', '0.506', '']);
    expect(cells(page, 'Methods')[2]).to.deep.equal([
      'adaptor',
      "the base with that level's few adapted weights",
      '0.496',
      '+3.6',
      '−0.9',
      '1.4%',
    ]);
    expect(cells(page, 'Memory')[4]!.slice(0, 2)).to.deep.equal(['switching', '10 networks']);
    expect(cells(page, 'Learning rates tried')[1]).to.deep.equal(['jpeg=5', 'switching', '0.461', 'diverged']);
  });

  it('shows example images with truth and masks, and none without frames', () => {
    const { document } = parseHTML(page);
    const captions = [...document.querySelectorAll('.frame figcaption')].map(({ textContent }) => textContent);
    expect(captions).to.deep.equal(['image', 'truth', 'original', 'adaptor', 'switching']);
    const bare = renderHtml(results);
    expect(headings(bare)).not.to.include('Examples');
    expect(bare).not.to.contain('<img');
  });

  it('folds for a phone, follows the dark scheme and prints', () => {
    for (const rule of ['@media (max-width: 40rem)', '@media (prefers-color-scheme: dark)', '@media print']) {
      expect(page).to.contain(rule);
    }
    expect(page).to.match(/<meta name="viewport" content="width=device-width, initial-scale=1" ?\/?>/);
  });

  it('shows what a stopped run knows: levels without rows have dashes', () => {
    const partial: Results = {
      ...results,
      rows: results.rows.filter(({ level }) => level === 'clean'),
      ...{ averages: null, memory: [], splits: [], choices: [], training: [], rates: [] },
    };
    expect(cells(renderHtml(partial), 'mIoU per level')[1]).to.deep.equal(['jpeg=3', '–', '–', '–', '–']);
  });

  it('escapes names, so that a sample or class cannot become markup', () => {
    expect(page).to.contain('val/&#60;0001&#62;').and.not.contain('val/<0001>');
    expect(html`<p title="${'a"b'}">${['<i>', markup('<b>x</b>')]}</p>`.text).to.equal(
      '<p title="a&#34;b">&#60;i&#62;<b>x</b></p>',
    );
  });
});
