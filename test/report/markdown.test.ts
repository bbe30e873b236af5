import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { renderMarkdown } from '../../src/report/markdown.js';
import { exampleResults } from './support/results.js';

const GOLDEN = new URL('../fixtures/report/report.md', import.meta.url);

describe('report: report.md', () => {
  it('is the golden text', () => {
    expect(renderMarkdown(exampleResults(['jpeg=3', 'jpeg=5']))).to.equal(readFileSync(GOLDEN, 'utf8'));
  });

  it('leaves out what a stopped run does not know', () => {
    const text = renderMarkdown({
      ...exampleResults(['jpeg=3']),
      ...{ rows: [], averages: null, memory: [], splits: [], choices: [], training: [], rates: [] },
    });
    expect(text).to.contain('0 of 1 level so far').and.contain('| jpeg=3 | – | – | – | – |');
    expect(text.match(/^## .*/gm)).to.deep.equal([
      '## Score per level',
      '## Methods',
      '## Memory',
      '## How it was made',
    ]);
  });
});
