import { expect } from 'chai';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepKnown, readResults, resultsSchema, withOldNames, writeResults } from '../../src/report/results.js';
import type { Results } from '../../src/report/schema.js';
import { expectFailure } from '../support/failure.js';
import { ROOT } from '../support/sources.js';
import { renderHtml } from '../../src/report/html/page.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { exampleResults, topResults } from './support/results.js';

const SEEDS: Results['seeds'] = {
  list: [1, 2],
  scores: [{ method: 'adaptor', level: null, values: [0.41, 0.43], mean: 0.42, deviation: 0.014 }],
};

/** As programs know results that read them before there were other metrics than mIoU. */
interface OldNames extends Results {
  rows: (Results['rows'][number] & { miou: number; pixelAccuracy: number })[];
  averages: NonNullable<Results['averages']> & { miou: Record<string, number> };
  rates: (Results['rates'][number] & { miou: number | null })[];
  seeds: { list: number[]; scores: (NonNullable<Results['seeds']>['scores'][number] & { miou: number[] })[] };
}

describe('report: results.json', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-results-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is read as it was written', async () => {
    const path = join(folder, 'results.json');
    await writeResults(path, exampleResults());
    expect(await readResults(path)).to.deep.equal(exampleResults());
  });

  it('has experiment, network and rows of method, level, scores, IoU per class and parameters', () => {
    const { experiment, network, rows } = exampleResults();
    expect({ experiment, network }).to.deep.equal({ experiment: 'camvid-jpeg', network: 'drn-d-22' });
    const row = rows.find(({ method, level }) => method === 'adaptor' && level === 'jpeg=10')!;
    expect(row).to.include({ primary: 'miou', parameters: 15_926_051 });
    expect(row.scores).to.include({ miou: 0.503 });
    expect(new Set(rows.map(({ method }) => method))).to.have.all.keys('original', 'switching', 'adaptor');
  });

  it('takes null for a class that occurs in neither, and refuses a score above 1', () => {
    const results = exampleResults(['jpeg=3']);
    results.rows[0]!.iou![3] = null;
    expect(resultsSchema.safeParse(results).success).to.equal(true);
    results.rows[0]!.scores['miou'] = 1.01;
    expect(resultsSchema.safeParse(results).success).to.equal(false);
  });

  it('has scores of mIoU under their old names, too, where they stood before there were others', async () => {
    const path = join(folder, 'named.json');
    const results: Results = { ...exampleResults(), seeds: SEEDS };
    await writeResults(path, results);
    const { format, version, rows, averages, rates, seeds } = JSON.parse(await readFile(path, 'utf8')) as OldNames;
    expect({ format, version }).to.deep.equal({ format: 'gearnn-results', version: 1 });
    const row = results.rows.findIndex(({ method, level }) => method === 'adaptor' && level === 'jpeg=10');
    expect(rows[row]).to.include({ miou: 0.503, pixelAccuracy: 0.87, primary: 'miou' });
    expect(rows[row]!.scores).to.deep.equal({ miou: 0.503, pixelAccuracy: 0.87 });
    expect(averages.miou).to.deep.equal(results.averages!.means);
    expect(rates.map(({ miou }) => miou)).to.deep.equal(results.rates.map(({ score }) => score));
    expect(seeds.scores[0]!.miou).to.deep.equal([0.41, 0.43]);
  });

  it('of before there was a version has them under their old names alone, and is read as the same results', async () => {
    const path = join(folder, 'old.json');
    const results: Results = { ...exampleResults(), seeds: SEEDS };
    const named = withOldNames(results) as OldNames;
    // JSON leaves out what is undefined.
    const nothing = undefined;
    const old = {
      ...{ ...named, format: nothing, version: nothing },
      rows: named.rows.map((row) => ({ ...row, scores: nothing, primary: nothing })),
      averages: { ...named.averages, means: nothing },
      rates: named.rates.map((rate) => ({ ...rate, score: nothing })),
      seeds: { ...named.seeds, scores: named.seeds.scores.map((score) => ({ ...score, values: nothing })) },
    };
    await writeFile(path, JSON.stringify(old));
    expect(await readResults(path)).to.deep.equal(results);
  });

  it('stays as it is where another machine puts the same together', async () => {
    const path = join(folder, 'known.json');
    const results = exampleResults();
    expect(await keepKnown(join(folder, 'none.json'), results)).to.equal(results);
    await writeResults(path, results);
    const elsewhere = { ...results, environment: { ...results.environment, cpu: 'Another', node: '24.0.0' } };
    expect(await keepKnown(path, elsewhere)).to.deep.equal(results);
    const more = { ...elsewhere, levels: [...results.levels, 'jpeg=99'] };
    expect(await keepKnown(path, more)).to.equal(more);
  });

  it('of another metric have no mIoU, and are read as they were written', async () => {
    const path = join(folder, 'top.json');
    const results = topResults();
    await writeResults(path, results);
    expect(await readFile(path, 'utf8')).not.to.contain('miou');
    expect(await readResults(path)).to.deep.equal(results);
  });

  it('whose rows have several primary metrics, or no score of theirs, are refused', () => {
    const mixed = topResults();
    mixed.rows[1]!.primary = 'top5';
    expect(resultsSchema.safeParse(mixed).error!.issues[0]!.path).to.deep.equal(['rows', 1, 'primary']);
    const without = topResults();
    for (const row of without.rows) row.primary = 'other';
    expect(resultsSchema.safeParse(without).error!.issues[0]!.path).to.deep.equal(['rows', 0, 'scores']);
    expect(resultsSchema.safeParse({ ...topResults(), version: 2 }).success).to.equal(false);
  });

  it('that is committed can be read, and rendered', async () => {
    const results = await readResults(join(ROOT, 'experiments/camvid-jpeg/results.json'));
    expect(results.methods.map(({ name }) => name)).to.include.members(['original', 'adaptor', 'switching']);
    expect(renderMarkdown(results)).to.contain('| original | adaptor | switching |');
    expect(renderHtml(results)).to.contain('camvid-jpeg');
  });

  it('a file with a wrong field is refused by the name of that field', async () => {
    const path = join(folder, 'wrong.json');
    const { rows, ...rest } = exampleResults();
    await writeFile(path, JSON.stringify({ ...rest, rows: [...rows, { ...rows[0], method: 'magic' }] }));
    await expectFailure(readResults(path), 'E_REPORT_RESULTS', `${path}: rows[${rows.length}].method`);
    await expectFailure(readResults(join(folder, 'none.json')), 'E_REPORT_RESULTS', 'gearnn run');
  });
});
