import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAdaptor, saveAdaptor } from '../../../src/adaptor/file.js';
import { addProduct, type Factors } from '../../../src/adaptor/kinds/factors.js';
import { factorTensors } from '../../../src/adaptor/kinds/lora.js';
import { withAdaptor } from '../../../src/adaptor/merge.js';
import { bf16Support } from '../../../src/engine/cpu.js';
import { toTensorflow } from '../../../src/models/layout.js';
import { loadCheckpoint } from '../../../src/models/checkpoint.js';
import { stateDict } from '../../../src/models/state-dict.js';
import { segmentationTask } from '../../../src/tasks/segmentation/task.js';
import type { FitOptions } from '../../../src/train/fit.js';
import { fit } from '../../../src/train/fit.js';
import { lowRank } from '../../../src/train/adaptations/lora.js';
import { loraFactors } from '../../../src/train/adaptations/lora-factors.js';
import { compileLoss } from '../../../src/train/loss.js';
import { labels as labelsObjective } from '../../../src/train/objectives/labels.js';
import { stability } from '../../../src/train/objectives/stability.js';
import { writeCheckpoint } from '../../support/checkpoints.js';
import { onEngines } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { unsupported } from '../../support/tools.js';
import { tinyNetwork } from '../support/tiny.js';
import { SETTINGS } from '../support/tiny-run.js';

const RANKS = [
  { name: 'conv.weight', rank: 2, size: 62 },
  { name: 'seg.weight', rank: 1, size: 15 },
];
const TASK = segmentationTask(255);

onEngines(
  'train: low-rank changes',
  () => {
    const train = async (options: Partial<FitOptions> = {}) => {
      const network = tinyNetwork();
      const base = stateDict(network);
      const adaptation = lowRank(RANKS);
      const { own } = await fit({ network, task: TASK, settings: SETTINGS, adaptation, ...options });
      const tuned = stateDict(network);
      network.dispose();
      const factors = RANKS.map(({ name }): [string, Factors] => [
        name,
        { down: own!.get(`${name}.down`)!, up: own!.get(`${name}.up`)! },
      ]);
      return { base, tuned, factors: new Map(factors), own: own! };
    };

    it('the trained weights are base plus product, and nothing else changes', async () => {
      const { base, tuned, factors, own } = await train();
      for (const [name, values] of tuned) {
        const parts = factors.get(name);
        if (!parts) expect(values.data, name).to.deep.equal(base.get(name)!.data);
        else {
          expect(values.data).not.to.deep.equal(base.get(name)!.data);
          expect(addProduct(base.get(name)!, parts).data, name).to.deep.equal(values.data);
        }
      }
      const names = ['conv.weight.down', 'conv.weight.up', 'seg.weight.down', 'seg.weight.up'];
      expect([...own.keys()]).to.deep.equal(names);
      expect(factors.get('conv.weight')!.down.shape).to.deep.equal([2, 3, 3, 3]);
      expect(factors.get('conv.weight')!.up.shape).to.deep.equal([4, 2, 1, 1]);
      const sizes = [...factors.values()].map(({ down, up }) => down.data.length + up.data.length);
      expect(sizes).to.deep.equal(RANKS.map(({ size }) => size));
    });

    it('of stability training are trained on the noise too', async () => {
      const [near, far] = [0.1, 1].map((sigma) => stability({ alpha: 2, sigma }));
      const down = async (objective: FitOptions['objective']) =>
        (await train({ objective })).factors.get('conv.weight')!.down.data;
      expect(await down(near!)).not.to.deep.equal(await down(far!));
    });

    it('begins as the base: the way back is 0', () => {
      const network = tinyNetwork();
      const step = loraFactors(network, { ranks: RANKS, seed: 1 }, { momentum: 0, weightDecay: 0 });
      const { down, up } = step.factors().get('conv.weight')!;
      expect(up.data.every((value) => value === 0)).to.equal(true);
      expect(Math.max(...down.data.map(Math.abs))).to.be.within(0.05, 1 / Math.sqrt(27));
      step.dispose();
      network.dispose();
    });

    it('bf16 trains with the very weights that the factors give', async function () {
      if (!bf16Support().supported) unsupported(this, 'has a processor without bf16 instructions');
      const { base, tuned, factors } = await train({ precision: 'bf16' });
      for (const [name, parts] of factors) {
        expect(addProduct(base.get(name)!, parts).data, name).to.deep.equal(tuned.get(name)!.data);
      }
    });

    it('descends along the factors’ own gradients, those of finite differences', () => {
      const network = tinyNetwork();
      const parameter = network.parameters.find(({ name }) => name === 'conv.weight')!;
      const { shape, variable } = parameter;
      const base = { shape, data: stateDict(network).get('conv.weight')!.data };
      const settings = { momentum: 0, weightDecay: 0 };
      const factors = loraFactors(network, { ranks: RANKS.slice(0, 1), seed: 1 }, settings);
      const objective = labelsObjective.open({ task: TASK });
      const step = compileLoss(network, objective, () => 'running', factors, 'fp32');
      tf.tidy(() => {
        const count = (length: number, at: (i: number) => number): number[] => Array.from({ length }, (_, i) => at(i));
        const images = tf.tensor4d(
          count(144, (i) => (i * 37) % 256),
          [1, 6, 8, 3],
          'int32',
        );
        const labels = tf.tensor3d(
          count(48, (i) => i % 11),
          [1, 6, 8],
          'int32',
        );
        const take = (rate: number): void =>
          void step.run({ views: { distorted: images }, targets: { labels } }, tf.scalar(rate));
        const now = (): Factors => factors.factors().get('conv.weight')!;
        // The way back is 0 at first, and with it the other factor's gradient.
        for (let i = 0; i < 3; i++) take(0.1);
        const before = now();
        take(0.01);
        const after = now();
        const lossAt = (changed: Factors): number => {
          const merged = addProduct(base, changed);
          variable.assign(tf.tensor(toTensorflow(merged.data, parameter), variable.shape));
          return TASK.losses(network.forward(images), { labels }).crossEntropy!.dataSync()[0]!;
        };
        for (const part of ['down', 'up'] as const) {
          const { shape: partShape, data } = before[part];
          const at = data.length >> 1;
          const gradient = (data[at]! - after[part].data[at]!) / 0.01;
          const moved = (by: number): number => {
            const changed = Float32Array.from(data);
            changed[at]! += by;
            return lossAt({ ...before, [part]: { shape: partShape, data: changed } });
          };
          const difference = (moved(5e-3) - moved(-5e-3)) / 1e-2;
          expect(Math.abs(difference), part).to.be.above(1e-3);
          expect(gradient, part).to.be.closeTo(difference, 0.03 * Math.abs(difference) + 5e-4);
        }
      });
      step.dispose();
      factors.dispose();
      network.dispose();
    });
  },
  ['tensorflow'],
);

describe('adaptor: low-rank factors', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-lora-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('product of factors by hand: w + up down', () => {
    const weight = { shape: [2, 1, 1, 2], data: Float32Array.from([1, 2, 3, 4]) };
    const down = { shape: [2, 1, 1, 2], data: Float32Array.from([1, 0, 0.5, 2]) };
    const up = { shape: [2, 2, 1, 1], data: Float32Array.from([1, 2, 0, -1]) };
    // Row 0: 1·(1, 0) + 2·(0.5, 2) = (2, 4); row 1: -1·(0.5, 2).
    expect([...addProduct(weight, { down, up }).data]).to.deep.equal([3, 6, 2.5, 2]);
  });

  it('are merged into their base when they are read, and refused on another', async () => {
    const hash = await writeCheckpoint(join(folder, 'base'));
    const base = await loadCheckpoint(join(folder, 'base'));
    const { shape, data } = base.state.get('seg.weight')!;
    const [out, input] = shape as [number, number];
    const factors = new Map([
      [
        'seg.weight',
        {
          down: { shape: [1, input, 1, 1], data: new Float32Array(input).fill(2) },
          up: { shape: [out, 1, 1, 1], data: Float32Array.from({ length: out }, (_, i) => i) },
        },
      ],
    ]);
    const config = {
      ...{ format: 'gearnn-lora' as const, level: 'jpeg=5', base: hash, network: base.config.network, training: {} },
      ranks: [{ name: 'seg.weight', rank: 1, size: input + out }],
      ...{ parameters: input + out, budget: { text: '1%', parameters: 1000 } },
    };
    await saveAdaptor(join(folder, 'lora'), config, factorTensors(factors));
    const merged = withAdaptor(base, await loadAdaptor(join(folder, 'lora'), base));
    expect(merged.state.get('seg.weight')!.data).to.deep.equal(
      data.map((value, at) => value + 2 * Math.floor(at / input)),
    );
    expect(merged.state.get('seg.bias')).to.equal(base.state.get('seg.bias'));
    const other = { ...base, hash: '0'.repeat(64) };
    await expectFailure(loadAdaptor(join(folder, 'lora'), other), 'E_ADAPTOR_BASE_MISMATCH', hash);
  });
});
