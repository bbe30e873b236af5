import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine } from '../../src/engine/start.js';
import { readKind } from '../../src/pipeline/kind.js';
import { countMemory, readMemoryExperiment, writeMemoryResults } from '../../src/pipeline/memory-experiment.js';
import { memoryVerdict, readMemoryResults, renderMemoryMarkdown } from '../../src/report/memory-results.js';
import { expectFailure } from '../support/failure.js';
import { ROOT } from '../support/sources.js';
import { workFolder } from './support/fake-steps.js';

const CONFIG = join(ROOT, 'experiments/table-1/config.json');
const CASE = { name: 'small', model: 'drn-d-22', width: 0.125, classes: 3, budget: '1%', levels: 4 };

describe('pipeline: memory', () => {
  let folder: string;
  before(async () => {
    folder = workFolder();
    await startEngine({ engine: 'cpu' });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const write = async (config: unknown): Promise<string> => {
    const path = join(folder, 'config.json');
    await writeFile(path, JSON.stringify(config));
    return path;
  };

  it('experiments/table-1 counts what the paper’s Table 1 has', async () => {
    const { cases } = countMemory(await readMemoryExperiment(CONFIG), 'gearnn run');
    expect(cases.map(({ counts }) => counts)).to.deep.equal([
      { original: 15_907_139, adaptive: 16_193_465, switching: 159_071_390 },
      { original: 26_022_723, adaptive: 26_334_993, switching: 182_159_061 },
    ]);
    const percent = cases.map(({ overhead }) => [overhead.adaptive.toFixed(1), overhead.switching.toFixed(0)]);
    expect(percent).to.deep.equal([
      ['1.8', '900'],
      ['1.2', '600'],
    ]);
    expect(memoryVerdict(cases)).to.contain('to the last digit');
  });

  it('its committed results are those', async () => {
    const committed = await readMemoryResults(join(ROOT, 'experiments/table-1/results.json'));
    const [command] = committed.commands;
    expect(countMemory(await readMemoryExperiment(CONFIG), command!)).to.deep.equal(committed);
    const report = readFileSync(join(ROOT, 'experiments/table-1/report.md'), 'utf8');
    expect(report).to.equal(renderMemoryMarkdown(committed));
  });

  it('names the counts that are not the paper’s', async () => {
    const experiment = await readMemoryExperiment(CONFIG);
    experiment.cases[1]!.paper!.switching++;
    const results = countMemory(experiment, 'gearnn run');
    expect(memoryVerdict(results.cases)).to.equal('Not the paper’s count: switching (7 of H.264 resolutions).');
    expect(renderMemoryMarkdown(results)).to.contain('| switching | 182,159,061 | 600% | 182,159,062 |');
  });

  it('needs no counts to compare with; results are read as they were written', async () => {
    const experiment = await readMemoryExperiment(await write({ experiment: 'x', kind: 'memory', cases: [CASE] }));
    const results = countMemory(experiment, 'gearnn run');
    const paths = await writeMemoryResults(folder, results);
    expect(await readMemoryResults(paths.results)).to.deep.equal(results);
    expect(readFileSync(paths.markdown, 'utf8')).to.contain('at width 0.125, 3 classes').and.not.contain('paper');
    const { original, adaptive, switching } = results.cases[0]!.counts;
    expect(adaptive).to.equal(original + 3 * Math.floor(original / 100));
    expect(switching).to.equal(4 * original);
  });

  it('what configs say they are is found out; another word is refused', async () => {
    expect(await readKind(CONFIG)).to.equal('memory');
    expect(await readKind(join(ROOT, 'experiments/demo/config.json'))).to.equal('levels');
    await expectFailure(readKind(await write({ kind: 'magic' })), 'E_PIPELINE_CONFIG', 'kind', '"memory"');
    await expectFailure(readKind(join(folder, 'none.json')), 'E_PIPELINE_CONFIG', 'none.json');
  });

  it('a field that is wrong is named', async () => {
    const refuse = async (fields: object, where: string) => {
      const path = await write({ experiment: 'x', kind: 'memory', cases: [{ ...CASE, ...fields }] });
      await expectFailure(readMemoryExperiment(path), 'E_PIPELINE_CONFIG', `${path}: cases[0]${where}`);
    };
    await refuse({ levels: 0 }, '.levels');
    await refuse({ budget: 'much' }, '.budget');
    await refuse({ data: 'scenes:1' }, '');
  });
});
