import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { buildGraph, otherSeeds, type ExperimentGraph } from '../../src/pipeline/experiment-graph.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { inOrder, type Step } from '../../src/pipeline/graph.js';
import { runExperiment } from '../../src/pipeline/run.js';
import { seedScores } from '../../src/pipeline/seed-scores.js';
import { renderHtml } from '../../src/report/html/page.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { readResults } from '../../src/report/results.js';
import { writeCheckpoint } from '../support/checkpoints.js';
import { useEngine } from '../support/engines.js';
import { workFolder } from './support/fake-steps.js';

const CONFIG = {
  experiment: 'seeds',
  data: 'scenes:7@32x32',
  train: 'train[0:8]',
  validate: 'val[0:2]',
  base: { train: { model: 'drn-d-22', width: 0.125, size: '32x32', batch: 4, epochs: 1, learningRate: 0.02 } },
  levels: ['jpeg=5', 'jpeg=20'],
  budget: '1%',
  methods: ['original', 'adaptor', 'switching', 'mixed', 'random', 'lora', 'taylor'],
  finetune: { epochs: 1 },
  rates: { candidates: [0.001, 0.01], levels: ['jpeg=5'], train: '0:4', validate: '4:8' },
  frames: { samples: 0 },
  seed: 1,
};

describe('pipeline: seeds', function () {
  this.timeout(300_000);
  let folder: string;
  before(() => {
    folder = workFolder();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const read = async (changes: object) => {
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...CONFIG, ...changes }));
    return readExperiment(join(folder, 'config.json'));
  };
  const graphOf = async (changes: object): Promise<ExperimentGraph> => {
    const engine = { name: 'cpu', version: '0', precision: 'fp32', threads: 1 } as Engine;
    return buildGraph({ experiment: await read(changes), work: folder, engine, frames: false });
  };
  const goalsOf = ({ levels }: ExperimentGraph, repeated: boolean): Step[] =>
    levels.flatMap(({ cells, repeats }) =>
      (repeated ? repeats.flatMap((repeat) => repeat.cells) : cells).map(({ evaluation }) => evaluation),
    );
  /** Everything that a step is addressed by, its inputs' addresses included. */
  const addressOf = ({ kind, version, settings, inputs }: Step): object => {
    const others = Object.entries(inputs).map(([name, input]) => [name, addressOf(input)]);
    return { kind, version, settings, inputs: Object.fromEntries(others) as object };
  };

  it('are each one run more, the experiment’s own and doubles left out', () => {
    expect(otherSeeds({ seed: 1, seeds: [1, 2, 3, 2] })).to.deep.equal([2, 3]);
    expect(otherSeeds({ seed: 1 })).to.deep.equal([]);
  });

  it('leave the steps of the own seed as they are', async () => {
    const several = await graphOf({ seeds: [1, 2] });
    const one = await graphOf({});
    expect(goalsOf(several, false).map(addressOf)).to.deep.equal(goalsOf(one, false).map(addressOf));
    expect(goalsOf(one, true)).to.deep.equal([]);
  });

  it('make the steps of an experiment of that seed, but for the base and the choice of rates', async () => {
    await writeCheckpoint(join(folder, 'base'));
    const rates = { rates: undefined, base: { checkpoint: 'base' } };
    const repeated = goalsOf(await graphOf({ ...rates, seeds: [2] }), true);
    const methods = CONFIG.methods.filter((name) => name !== 'original');
    const alone = goalsOf(await graphOf({ ...rates, seed: 2, methods }), false);
    expect(repeated.map(addressOf)).to.deep.equal(alone.map(addressOf));
  });

  it('share the base, the images and the trials, and go by ids of their own', async () => {
    const graph = await graphOf({ seeds: [2, 3] });
    const own = new Set(inOrder(goalsOf(graph, false)));
    const added = inOrder(goalsOf(graph, true)).filter((step) => !own.has(step));
    expect(new Set(added.map(({ kind }) => kind))).to.have.all.keys(
      ...['full', 'split', 'adaptor', 'lora', 'mixed', 'gradients', 'evaluate'],
    );
    for (const { id } of added) expect(id).to.match(/ seed=[23]\b/);
    // No id twice, or this throws.
    inOrder([...goalsOf(graph, false), ...goalsOf(graph, true)]);
  });

  it('have scores by seed, their mean and their standard deviation', () => {
    const step = (miou: number) => ({ miou }) as unknown as Step;
    const cells = (miou: number) => [{ method: 'adaptor', evaluation: step(miou) }];
    const at = (level: string, ...scores: number[]) => ({
      level,
      repeats: scores.map((miou, i) => ({ seed: i + 2, cells: cells(miou) })),
    });
    const graph = {
      methods: [{ name: 'original' }, { name: 'adaptor' }],
      levels: [at('a', 0.5, 0.6), at('b', 0.1, 0.3)],
    };
    const executor = { stampOf: () => ({}), outputOf: (of: unknown) => of };
    const row = (level: string, miou: number) => ({ method: 'adaptor', level, scores: { miou }, primary: 'miou' });
    const { seeds } = seedScores(graph as never, executor as never, {
      experiment: { seed: 1, seeds: [2, 3] },
      averages: { levels: ['a', 'b'] } as never,
      rows: [row('a', 0.4), row('b', 0.2)] as never,
    });
    expect(seeds!.list).to.deep.equal([1, 2, 3]);
    expect(seeds!.scores.map(({ method, level, values }) => ({ method, level, values }))).to.deep.equal([
      { method: 'adaptor', level: 'a', values: [0.4, 0.5, 0.6] },
      { method: 'adaptor', level: 'b', values: [0.2, 0.1, 0.3] },
      { method: 'adaptor', level: null, values: [0.30000000000000004, 0.3, 0.44999999999999996] },
    ]);
    // statistics.stdev of Python: 0.1, 0.1, and 0.0866 for 0.3, 0.3, 0.45.
    seeds!.scores.forEach(({ mean, deviation }, i) => {
      expect(mean).to.be.closeTo([0.5, 0.2, 0.35][i]!, 1e-12);
      expect(deviation).to.be.closeTo([0.1, 0.1, 0.0866025][i]!, 1e-6);
    });
  });

  it('run: every method but the original has a score with every seed, and the first seed’s table is that without the others', async function () {
    await useEngine(this, 'tensorflow');
    const methods = ['original', 'adaptor', 'random'];
    const run = async (changes: object) =>
      runExperiment({
        experiment: await read({ methods, levels: ['jpeg=5'], ...changes }),
        ...{ work: join(folder, 'work'), out: folder, command: 'gearnn run config.json' },
        engine: await startEngine({ engine: 'tensorflow' }),
      });
    const alone = (await run({})).results;
    const { results } = await run({ seeds: [2] });
    expect(results.rows).to.deep.equal(alone.rows);
    expect(results.seeds!.list).to.deep.equal([1, 2]);
    expect(results.seeds!.scores.map(({ method, level }) => `${method} ${level}`)).to.deep.equal([
      ...['adaptor jpeg=5', 'adaptor null', 'random jpeg=5', 'random null'],
    ]);
    const [adaptor] = results.seeds!.scores;
    expect(adaptor!.values[0]).to.equal(results.rows.find(({ method }) => method === 'adaptor')!.scores['miou']);
    // Another order of samples: other weights.
    expect(adaptor!.values[1]).to.not.equal(adaptor!.values[0]);
    expect(await readResults(join(folder, 'results.json'))).to.deep.equal(results);
    const [worst, best] = [...adaptor!.values].sort().map((miou) => miou.toFixed(3));
    const cell = `${adaptor!.mean.toFixed(3)} ± ${adaptor!.deviation.toFixed(3)} (${worst} to ${best})`;
    expect(renderMarkdown(results)).to.contain('## Over seeds').and.contain(`| jpeg=5 | ${cell} |`);
    expect(renderHtml(results)).to.contain('Over seeds').and.contain(cell);
    expect(renderMarkdown(alone)).not.to.contain('Over seeds');
  });
});
