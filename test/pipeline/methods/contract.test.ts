import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../../src/common/files.js';
import type { Engine } from '../../../src/engine/start.js';
import { buildGraph, type ExperimentGraph } from '../../../src/pipeline/experiment-graph.js';
import { readExperiment } from '../../../src/pipeline/experiment.js';
import { inOrder, type Json, type Step } from '../../../src/pipeline/graph.js';
import { addressOf, stepIdentity } from '../../../src/pipeline/identity.js';
import { methodKinds } from '../../../src/pipeline/methods/registry.js';

const CONFIG = {
  experiment: 'contract',
  data: 'scenes:7@32x32',
  base: { train: { model: 'drn-d-22', width: 0.125 } },
  train: 'train[0:12]',
  intervals: { block: 1 },
  validate: 'val[0:2]',
  levels: ['jpeg=5', 'jpeg=20'],
};

/** Everything that a step's result depends on, its inputs' in turn; not its id. */
function wholeAddressOf({ kind, version, settings, inputs, known }: Step): Json {
  const addresses = Object.fromEntries(Object.entries(inputs).map(([name, step]) => [name, wholeAddressOf(step)]));
  return { kind, version, settings: JSON.parse(JSON.stringify(settings)) as Json, inputs: { ...addresses, ...known } };
}

describe('pipeline: methods', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-methods-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function graphOf(compared: unknown[], config: object = {}): Promise<ExperimentGraph> {
    const path = join(folder, 'config.json');
    await writeFile(path, JSON.stringify({ ...CONFIG, methods: compared, ...config }));
    const engine = { name: 'cpu', version: '0', precision: 'fp32', threads: 1 } as Engine;
    return buildGraph({ experiment: await readExperiment(path), work: folder, engine, frames: false });
  }

  it('stand in one experiment together, each step under an id of its own', async () => {
    const { levels } = await graphOf(Object.keys(methodKinds));
    const evaluations = levels.flatMap(({ cells }) => cells.map(({ evaluation }) => evaluation));
    expect(evaluations).to.have.length(2 * Object.keys(methodKinds).length);
    // Throws where two steps share an id.
    expect(inOrder(evaluations)).to.have.length.above(evaluations.length);
  });

  for (const [name, method] of Object.entries(methodKinds)) {
    describe(name, () => {
      it('says what it is in a line, and what each of its options means', () => {
        expect(method.description).to.match(/^\S.{10,110}[^.]$/);
        for (const [option, schema] of Object.entries(method.options.shape)) {
          expect((schema as { description?: string }).description, option).to.match(/^\S/);
        }
      });

      it('makes the same steps for the same config, under any name', async () => {
        const addresses = async (entry: unknown): Promise<string[]> => {
          const { levels } = await graphOf([entry]);
          return levels.flatMap(({ cells }) =>
            cells.map(({ evaluation }) => canonicalJson(wholeAddressOf(evaluation))),
          );
        };
        expect(await addresses({ method: name, name: 'other' })).to.deep.equal(await addresses(name));
      });

      it(`keeps in memory what it says: ${method.resident}`, async () => {
        const [one, two] = (await graphOf([name])).levels.map(({ cells }) => cells[0]!);
        const tuned = [one!, two!].map(({ candidate }) => candidate.tuned);
        if (method.resident === 'network') expect(tuned[0]).to.equal(tuned[1]);
        else expect(tuned[0]).not.to.equal(tuned[1]);
        for (const cell of [one!, two!]) expect(cell.adaptor !== undefined).to.equal(method.resident === 'adaptors');
      });
    });
  }

  it('an option of a method changes its own steps and no other’s', async () => {
    const addresses = async (budget: string): Promise<string[]> => {
      const { levels } = await graphOf(['adaptor', { method: 'greedy', budget }]);
      return levels[0]!.cells.map(({ evaluation }) => canonicalJson(wholeAddressOf(evaluation)));
    };
    const [before, after] = [await addresses('1%'), await addresses('2%')];
    expect(after[0]).to.equal(before[0]);
    expect(after[1]).not.to.equal(before[1]);
  });

  it('a union looks at every level; other choices look at their own alone', async () => {
    const { levels } = await graphOf(['union', 'greedy']);
    const inputs = levels[0]!.cells.map(({ split }) => Object.values(split!.inputs).map(({ id }) => id));
    expect(inputs).to.deep.equal([
      ['base', 'full jpeg=5', 'full jpeg=20'],
      ['base', 'full jpeg=5'],
    ]);
  });

  it('methods of one network for all levels can see every sample more often than other fine-tunes', async () => {
    const compared = ['mixed', 'stability'].flatMap((method) => [method, { method, name: `${method}-30`, epochs: 30 }]);
    const { levels } = await graphOf([...compared, 'switching'], { finetune: { epochs: 3 } });
    const epochs = levels[0]!.cells.map(({ candidate }) => (candidate.tuned!.settings as { epochs: number }).epochs);
    expect(epochs).to.deep.equal([3, 30, 3, 30, 3]);
  });

  it('adaptor methods take the learning rate that is tried for the adaptor, unless their options name one', async () => {
    const rates = { candidates: [0.01, 0.02], levels: ['jpeg=5'], train: '0:2', validate: '2:4' };
    const { levels, rates: chosen } = await graphOf(['bn', { method: 'greedy', learningRate: 0.5 }], { rates });
    const choice = chosen.find(({ use }) => use === 'adaptor')!;
    const [bn, greedy] = levels[1]!.cells.map(({ candidate }) => candidate.tuned!);
    expect(bn!.inputs['rate']).to.equal(choice.step);
    expect(greedy!.inputs).not.to.have.property('rate');
    expect(greedy!.known).to.deep.equal({ rate: { learningRate: 0.5 } });
  });

  it('share what is fine-tuned at one rate, named or chosen by trial', async () => {
    const rates = { candidates: [0.01, 0.02], levels: ['jpeg=5'], train: '0:2', validate: '2:4' };
    const tried = await graphOf(['switching'], { rates });
    const chosen = { learningRate: 0.02 };
    const at = (full: number): Promise<ExperimentGraph> =>
      graphOf(['switching'], { finetune: { learningRate: { full, adaptor: 0.5 } } });
    const [named, other] = [await at(chosen.learningRate), await at(0.01)];
    const key = ({ levels }: ExperimentGraph): string =>
      keyWith(levels[0]!.cells[0]!.candidate.tuned!, { rate: chosen });
    expect(key(named)).to.equal(key(tried));
    expect(key(named)).not.to.equal(key(other));
  });

  it('share what is fine-tuned of the same items, whatever chose them and however far they had moved', async () => {
    const { levels } = await graphOf(['adaptor', 'greedy']);
    const [adaptor, greedy] = levels[0]!.cells.map(({ candidate }) => candidate.tuned!);
    const split = (items: string[], value: number, budget = 9): Json => ({
      hash: `${value}`,
      budget,
      summary: { items, value },
    });
    const key = keyWith(adaptor!, { split: split(['a', 'b'], 1) });
    expect(keyWith(greedy!, { split: split(['a', 'b'], 2) })).to.equal(key);
    expect(keyWith(greedy!, { split: split(['a', 'c'], 1) })).not.to.equal(key);
    expect(keyWith(greedy!, { split: split(['a', 'b'], 1, 8) })).not.to.equal(key);
  });
});

/** What a step's result is addressed by where its inputs came to `known`, and the others to their names. */
function keyWith(step: Step, known: Record<string, Json>): string {
  const outputs = Object.keys(step.inputs).map((name): [string, Json] => [name, known[name] ?? name]);
  return addressOf(stepIdentity(step, Object.fromEntries(outputs)));
}
