import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdaptorBank } from '../../../src/adaptor/bank.js';
import { adaptorFiles, loadAdaptor, saveAdaptor } from '../../../src/adaptor/file.js';
import { changedBy, loadTuned } from '../../../src/adaptor/merge.js';
import type { Checkpoint } from '../../../src/models/checkpoint.js';
import { runningEngine } from '../../../src/engine/start.js';
import { isLearned, type Network } from '../../../src/models/network.js';
import { stateDict, type StateDict } from '../../../src/models/state-dict.js';
import type { Split } from '../../../src/select/split.js';
import { segmentationTask } from '../../../src/tasks/segmentation/task.js';
import type { Adaptation } from '../../../src/train/adaptations/adaptation.js';
import { items } from '../../../src/train/adaptations/items.js';
import { ADAPTATIONS, parseAdaptation } from '../../../src/train/adaptations/registry.js';
import { runOf } from '../../../src/train/finetune.js';
import { resultOf } from '../../../src/train/finetune-result.js';
import { fit, type FitOptions } from '../../../src/train/fit.js';
import type { TrainingRecord } from '../../../src/train/run.js';
import { onEngines } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { tinyNetwork } from '../support/tiny.js';
import { SETTINGS } from '../support/tiny-run.js';

const HASH = 'ab'.repeat(32);
const TASK = segmentationTask(255);

const SPLIT = {
  baseHash: HASH,
  items: [
    { name: 'norm.running', tensors: ['norm.running_mean', 'norm.running_var'], size: 8 },
    { name: 'seg.bias', tensors: ['seg.bias'], size: 11 },
  ],
  ...{ size: 19, budget: { text: '20', parameters: 20 } },
} as unknown as Split;

/** One of every adaptation; those that a text names by it. */
const MAKERS: Record<keyof typeof ADAPTATIONS | 'items', () => Adaptation> = {
  whole: () => parseAdaptation('whole'),
  learned: () => parseAdaptation('learned'),
  affine: () => parseAdaptation('affine'),
  stems: () => parseAdaptation('stems'),
  items: () => items(SPLIT, HASH),
  lora: () => parseAdaptation('lora:80'),
};

function baseOf(network: Network): Checkpoint {
  const classes = Array.from({ length: 11 }, (_, id) => ({ name: `class ${id}`, color: [id, 0, 0] as const }));
  return {
    ...{ folder: 'BASE', hash: HASH, state: stateDict(network) },
    config: {
      ...{ format: 'gearnn-checkpoint', version: 1, storage: 'fp32', ignore: 255, training: {} },
      network: network.spec,
      classes: classes.map(({ name, color }) => ({ name, color: [...color] })),
      preprocessing: network.input.preprocessing,
    },
  };
}

const filesIn = (folder: string): Map<string, string> =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'hex')]));

const changedIn = (base: StateDict, tuned: StateDict): string[] =>
  [...tuned].flatMap(([name, { data }]) => (data.some((value, i) => value !== base.get(name)!.data[i]) ? [name] : []));

onEngines(
  'train: adaptations',
  () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gearnn-adaptation-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    for (const [name, make] of Object.entries(MAKERS)) {
      describe(name, () => {
        /** Trains a tiny network, and saves it as a fine-tune is saved. */
        async function tune(out: string, options: Partial<FitOptions> = {}, network = tinyNetwork()) {
          const adaptation = make();
          const base = baseOf(network);
          try {
            const { changes, fields } = adaptation.open(network);
            const { own } = await fit({ network, task: TASK, settings: SETTINGS, adaptation, ...options });
            const result = resultOf({ adaptation, samples: { level: 'jpeg=5' }, storage: 'fp32' }, base, out);
            await result.save(network, { epochs: 2 } as unknown as TrainingRecord, own);
            return { base, adaptation, changes, fields, trained: stateDict(network) };
          } finally {
            network.dispose();
          }
        }

        it('changes what it says and nothing else: all other tensors keep their bits', async () => {
          const { base, changes, trained } = await tune(folder);
          const changed = changedIn(base.state, trained);
          expect(changed).to.have.length.above(0);
          expect([...changes]).to.include.members(changed);
        });

        it('is read back as what was trained, to the bit, merged into the base in the file’s words and on the engine', async () => {
          const { base, adaptation, trained } = await tune(folder);
          expect((await loadTuned(base, folder)).state).to.deep.equal(trained);
          if (adaptation.result === 'network') return;
          const network = tinyNetwork();
          const bank = new AdaptorBank(network);
          bank.addAdaptor(await loadAdaptor(folder, base));
          bank.swap('jpeg=5');
          expect(stateDict(network)).to.deep.equal(trained);
          bank.swap(null);
          expect(stateDict(network)).to.deep.equal(base.state);
          bank.dispose();
          network.dispose();
        });

        it('ends with the same files when it is interrupted and resumed', async () => {
          const [once, twice] = [join(folder, 'once'), join(folder, 'twice')];
          await tune(once);
          const stop = new AbortController();
          const log = {
            begin: () => {},
            step: () => stop.abort(new Error('enough')),
            epoch: () => {},
            close: () => {},
          };
          const state = join(folder, 'state');
          const stopped = await tune(twice, { state, log, signal: stop.signal }).catch((error: Error) => error);
          expect(stopped).to.have.property('message', 'enough');
          await tune(twice, { state, resume: true });
          expect(filesIn(twice)).to.deep.equal(filesIn(once));
        });

        it('does not take up a state of another adaptation', async () => {
          const state = join(folder, 'state');
          await tune(folder, { state });
          const network = tinyNetwork();
          const identityOf = (one: Adaptation): string => JSON.stringify(one.open(network).identity);
          const own = identityOf(make());
          // Of a network with one normalization, first layers have all scales and shifts.
          const others = Object.values(MAKERS).filter((other) => identityOf(other()) !== own);
          network.dispose();
          expect(others).to.have.length.above(3);
          for (const other of others) {
            const network = tinyNetwork();
            const options = { network, task: TASK, settings: SETTINGS, state, resume: true, adaptation: other() };
            await expectFailure(fit(options), 'E_TRAIN_RESUME');
            network.dispose();
          }
        });

        it('moves nothing by a rate of 0 but running statistics', async () => {
          const settings = { ...SETTINGS, learningRate: 0 };
          const { base, trained } = await tune(folder, { settings });
          const network = tinyNetwork();
          const learned = network.parameters.filter(isLearned).map((parameter) => parameter.name);
          network.dispose();
          expect(changedIn(base.state, trained).filter((changed) => learned.includes(changed))).to.deep.equal([]);
        });

        if (make().result === 'network') return;

        it('says how much it holds, within its budget, and which tensors it changes', async () => {
          const { fields, base, changes, trained } = await tune(folder);
          const { state, config } = await loadAdaptor(folder);
          const values = [...state.values()].reduce((sum, { data }) => sum + data.length, 0);
          expect(config.parameters).to.equal(values).and.to.equal(fields!.parameters);
          expect(values).to.be.within(1, config.budget.parameters);
          expect(new Set(changedBy(config))).to.deep.equal(changes);
          expect(changedBy(config)).to.include.members(changedIn(base.state, trained));
        });

        it('is written again as it was, and refused on another base and in other shapes', async () => {
          const { base } = await tune(folder);
          const { config, state } = await loadAdaptor(folder, base);
          const again = join(folder, 'again');
          await saveAdaptor(again, config, state);
          const { config: configName, tensors } = adaptorFiles(folder)!;
          for (const file of [configName, tensors]) {
            expect(readFileSync(join(again, file)), file).to.deep.equal(readFileSync(join(folder, file)));
          }
          const other = { ...base, hash: 'cd'.repeat(32) };
          await expectFailure(loadAdaptor(folder, other), 'E_ADAPTOR_BASE_MISMATCH', HASH, other.hash);
          const reshaped = new Map([...base.state].map(([key, { data }]) => [key, { shape: [1, data.length], data }]));
          await expectFailure(loadAdaptor(folder, { ...base, state: reshaped }), 'E_ADAPTOR_SHAPE');
          const classes = base.config.classes.map((one) => ({ ...one, name: `other ${one.name}` }));
          const renamed = { ...base, config: { ...base.config, classes } };
          await expectFailure(loadAdaptor(folder, renamed), 'E_ADAPTOR_CLASSES');
        });
      });
    }
  },
  ['cpu', 'tensorflow'],
);

describe('train: names of adaptations', () => {
  it('are refused beside the items of a split', async () => {
    const network = tinyNetwork();
    const base = baseOf(network);
    network.dispose();
    const options = { checkpoint: 'BASE', level: 'jpeg=5', data: 'scenes:7', engine: runningEngine()! };
    await expectFailure(runOf({ ...options, split: SPLIT, adapt: 'whole' }, base), 'E_USAGE', 'either the items');
  });

  for (const text of [
    '',
    'all',
    'whole:1',
    'lora',
    'lora:',
    'lora:200%',
    'lora:0.2%:3',
    'affine:0.2%',
    'stems:1',
    'toString',
  ]) {
    it(`refuse "${text}", with what there is`, () => {
      expect(() => parseAdaptation(text))
        .to.throw(/lora:BUDGET/)
        .with.property('code', 'E_USAGE');
    });
  }

  it('affine holds every scale and shift, no statistics, and says what share of the network that is', () => {
    const network = tinyNetwork();
    try {
      const { fields, changes } = parseAdaptation('affine').open(network);
      const expected = network.parameters.filter(({ role }) => role === 'scale' || role === 'shift');
      expect([...changes]).to.have.members(expected.map(({ name }) => name));
      const parameters = expected.reduce((sum, { size }) => sum + size, 0);
      const all = network.parameters.reduce((sum, { size }) => sum + size, 0);
      expect(fields).to.deep.include({ format: 'gearnn-adaptor', parameters });
      const share = (100 * parameters) / all;
      expect(Number.parseFloat(fields!.budget!.text)).to.be.closeTo(share, 0.05 * share);
    } finally {
      network.dispose();
    }
  });

  it('affine refuses a network without scales and shifts', () => {
    const network = tinyNetwork();
    try {
      const bare = {
        ...network,
        spec: network.spec,
        parameters: network.parameters.filter(({ name }) => !name.startsWith('norm')),
      };
      expect(() => parseAdaptation('affine').open(bare))
        .to.throw(/--adapt affine/)
        .with.property('code', 'E_TRAIN_SPLIT');
    } finally {
      network.dispose();
    }
  });

  it('give what they take back as settings', () => {
    expect(parseAdaptation('lora:0.2%').settings).to.deep.equal({ budget: '0.2%' });
    expect(parseAdaptation('whole').settings).to.deep.equal({});
  });
});
