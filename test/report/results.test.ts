import { expect } from 'chai';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResults, resultsSchema, writeResults } from '../../src/report/results.js';
import { expectFailure } from '../support/failure.js';
import { ROOT } from '../support/sources.js';
import { renderHtml } from '../../src/report/html/page.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { exampleResults } from './support/results.js';

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

  it('has experiment, network and rows of method, level, mIoU, IoU per class and parameters', () => {
    const { experiment, network, rows } = exampleResults();
    expect({ experiment, network }).to.deep.equal({ experiment: 'camvid-jpeg', network: 'drn-d-22' });
    expect(rows.find(({ method, level }) => method === 'adaptor' && level === 'jpeg=10')).to.include({
      miou: 0.503,
      parameters: 15_926_051,
    });
    expect(new Set(rows.map(({ method }) => method))).to.have.all.keys('original', 'switching', 'adaptor');
  });

  it('takes null for a class that occurs in neither, and refuses a score above 1', () => {
    const results = exampleResults(['jpeg=3']);
    results.rows[0]!.iou[3] = null;
    expect(resultsSchema.safeParse(results).success).to.equal(true);
    results.rows[0]!.miou = 1.01;
    expect(resultsSchema.safeParse(results).success).to.equal(false);
  });

  it('of before there was a list of methods is read as one of original, adaptor and switching', async () => {
    const path = join(folder, 'old.json');
    const { methods, choices, averages, ...rest } = exampleResults();
    const { original, adaptor, switching } = averages!.miou;
    const points = {
      adaptorOverOriginal: 100 * (adaptor! - original!),
      adaptorUnderSwitching: 100 * (switching! - adaptor!),
    };
    await writeFile(path, JSON.stringify({ ...rest, averages: { ...averages, points } }));
    const read = await readResults(path);
    expect(read).to.deep.equal(exampleResults());
    expect(read.methods).to.deep.equal(methods);
    expect(read.choices).to.deep.equal(choices);
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
