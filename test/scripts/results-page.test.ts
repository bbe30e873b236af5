import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fillNotes } from '../../scripts/docs/notes.js';
import { resultsPage } from '../../scripts/docs/results-page.js';
import type { FrequencyRow, Results } from '../../src/report/schema.js';
import { exampleResults, manyMethods } from '../report/support/results.js';
import { readSource, ROOT } from '../support/sources.js';
import { pageNumbers } from './support/page-numbers.js';

/** The page with another last digit in the number. */
function changed(page: string, { line, column, text }: { line: number; column: number; text: string }): string {
  const lines = page.split('\n');
  const last = text.search(/\d%?$/);
  const digit = (Number(text[last]) + 5) % 10;
  const other = text.slice(0, last) + digit + text.slice(last + 1);
  lines[line] = lines[line]!.slice(0, column) + other + lines[line]!.slice(column + text.length);
  return lines.join('\n');
}

/** 200 or so of them, spread over all. */
function some<T>(numbers: readonly T[]): T[] {
  const step = Math.ceil(numbers.length / 200);
  return numbers.filter((_, i) => i % step === 0);
}

function unfounded(page: string, root: string): string[] {
  return pageNumbers(page, root).flatMap(({ line, text, founded }) => (founded ? [] : `${text} in line ${line + 1}`));
}

/** As an experiment with everything that a section can have. */
function richResults(): Results {
  const results = manyMethods(8);
  const scores = results.levels.map((level, i) => {
    return { method: 'adaptor', level, values: [0.41, 0.43], mean: 0.42 + 0.001 * i, deviation: 0.014 };
  });
  return { ...results, seeds: { list: [1, 2], scores }, frequency: ['original', 'adaptor'].map(responseOf) };
}

function responseOf(method: string, i: number): FrequencyRow {
  const bands = { low: 2.1e-6 + i * 1e-7, mid: 3.4e-7, high: 2.2e-8 };
  const change = i === 0 ? null : { low: 0.123, mid: -0.071, high: -0.42 };
  return {
    ...{ method, level: 'jpeg=10', input: 'distorted', images: 50, width: 480, height: 360, loss: 0.381 + i / 50 },
    ...{ total: 1.23e-2 + i * 1e-3, bands, shares: { low: 0.658, mid: 0.231, high: 0.111 }, change },
    radial: Array<number>(32).fill(1e-7),
  };
}

describe('scripts: docs/results.md', function () {
  this.timeout(60_000);
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'gearnn-results-page-'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  const put = (name: string, file: string, text: string | object): void => {
    mkdirSync(join(root, 'experiments', name), { recursive: true });
    writeFileSync(join(root, 'experiments', name, file), typeof text === 'string' ? text : JSON.stringify(text));
  };

  it('and its charts are what `npm run docs` writes', async () => {
    // In a process of its own: Plot draws half a pixel lower where it sees the `it` of a test.
    const script = join(ROOT, 'scripts/docs.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, '--check'], {
      cwd: ROOT,
    });
    expect(stdout).to.equal('');
    const charts = readdirSync(join(ROOT, 'docs/results')).map((name) => `docs/results/${name}`);
    expect([...(await resultsPage(ROOT)).keys()]).to.have.members(['docs/results.md', ...charts]);
  });

  it('has no number that is not in a committed results.json', () => {
    const page = readSource('docs/results.md');
    expect(pageNumbers(page, ROOT).length).to.be.greaterThan(100);
    expect(unfounded(page, ROOT)).to.deep.equal([]);
  });

  it('is found out by any number that has another digit', () => {
    const page = readSource('docs/results.md');
    for (const number of some(pageNumbers(page, ROOT))) {
      expect(unfounded(changed(page, number), ROOT), `${number.text} in line ${number.line + 1}`).to.have.length(1);
    }
  });

  it('is found out by a number that is typed into a sentence', () => {
    const page = readSource('docs/results.md').replace(
      '<!-- end of notes -->',
      'So 0.123 it is.\n<!-- end of notes -->',
    );
    expect(unfounded(page, ROOT)).to.have.length(1);
    const quoted = readSource('docs/results.md').replace('<!-- end of notes -->', '`0.123`\n<!-- end of notes -->');
    expect(unfounded(quoted, ROOT)).to.have.length(1);
  });

  it('with intervals, seeds, several budgets and notes has no number but those, and none can be changed', async () => {
    put('rich', 'results.json', richResults());
    put(
      'rich',
      'notes.md',
      [
        'At `jpeg=10` {{score adaptor jpeg=10}}, {{points adaptor switching mean}} points; {{above adaptor original jpeg=3}} over the',
        'original and {{below adaptor switching jpeg=3}} under switching, {{recovered jpeg=5}}; {{interval switching}}, {{spread adaptor jpeg=3}};',
        '{{overhead switching}} more, {{at budget.parameters}} at most. As in Fig. 10a of section 5.1, DRN-D-22 and H.264.',
      ].join('\n'),
    );
    const files = await resultsPage(root);
    const page = files.get('docs/results.md')!;
    expect(page).to.contain('At `jpeg=10` 0.503, −0.9 points; 7.3 over the\noriginal and 1.9 under switching, 71%;');
    expect(page).to.contain('−0.2 to +2.1, 0.420 ± 0.014;\n900% more, 31,794 at most.');
    expect(page).to.contain('### adaptor at several budgets').and.contain('(results/rich-sizes.svg)');
    expect([...files.keys()]).to.deep.equal([
      'docs/results.md',
      'docs/results/rich.svg',
      'docs/results/rich-sizes.svg',
    ]);
    expect(unfounded(page, root)).to.deep.equal([]);
    const missed = some(pageNumbers(page, root)).filter(
      (number) => unfounded(changed(page, number), root).length === 0,
    );
    expect(missed.map(({ text, line }) => `${text} in line ${line + 1}`)).to.deep.equal([]);
  });

  it('shows what the paper has as a quotation, and an experiment without results as not run', async () => {
    put('camvid-h264', 'config.json', {});
    put('camvid-h264', 'paper.md', '**The paper**: "4.84%\nmore"\n');
    const page = (await resultsPage(root)).get('docs/results.md')!;
    expect(page).to.contain('not run yet.\n\n> **The paper**: "4.84%\n> more"');
    expect(existsSync(join(root, 'docs'))).to.equal(false);
  });

  describe('notes are refused that', () => {
    const refuse = (notes: string, got: string) =>
      expect(() => fillNotes(notes, exampleResults(), 'notes.md'))
        .to.throw(got)
        .with.property('code', 'E_REPORT_RESULTS');

    it('have numbers typed by hand', () => {
      refuse('Adaptors reach 0.503.', 'Adaptors reach 0.503.');
      refuse('Adaptors reach `0.503`.', '`0.503`');
      refuse('x {{score adaptor jpeg=10}}\nand 12% more', '"and 12% more"');
    });
    it('ask for means from a level that is not there', () => {
      refuse('{{points adaptor original jpeg=4..jpeg=10}}', 'jpeg=4..jpeg=10');
    });
    it('ask for what the results do not have', () => {
      refuse('{{score adaptor jpeg=7}}', '{{score adaptor jpeg=7}}');
      refuse('{{magic}}', 'one of score, points');
      refuse('{{interval switching}}', 'interval');
      refuse('{{at budget.nothing}}', 'at budget.nothing');
      refuse('{{toString}}', '{{toString}}');
    });
    it('say what the paper does not, or a rate that is not the lowest of those tried', () => {
      const rates = [0.1, 0.2].map((learningRate, i) => ({ method: 'adaptor', level: 'jpeg=3', learningRate, score: i, chosen: i === 1 })); // prettier-ignore
      const results = { ...exampleResults(), rates };
      const fill = (notes: string): string => fillNotes(notes, results, 'notes.md', { paper: 'It gains 5.16% more.' });
      expect(fill('{{paper 5.16}} at {{highest adaptor}}')).to.equal('5.16 at 0.2');
      for (const notes of [
        '{{paper 5.1}}',
        '{{paper 16}}',
        '{{lowest adaptor}}',
        '{{cell adaptor control jpeg=3 segm.AP}}',
      ])
        expect(() => fill(notes), notes).to.throw(notes);
    });
    it('say above of what is below', () => {
      refuse('{{above adaptor switching mean}}', 'above adaptor switching mean');
      refuse('{{below switching adaptor mean}}', 'below switching adaptor mean');
    });
  });
});
