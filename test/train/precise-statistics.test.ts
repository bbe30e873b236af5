import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import type { Network } from '../../src/models/network.js';
import { loadStateDict, stateDict } from '../../src/models/state-dict.js';
import { segmentationTask } from '../../src/tasks/segmentation/task.js';
import { tensors } from '../../src/train/adaptations/items.js';
import { lowRank } from '../../src/train/adaptations/lora.js';
import { stepOnBatch } from '../../src/train/batch-step.js';
import { statisticsIn } from '../../src/train/freeze.js';
import { openLoader } from '../../src/train/loader.js';
import { preciseStatistics } from '../../src/train/precise-statistics.js';
import { compileLoss, NO_GRADIENTS, type CompiledLoss } from '../../src/train/loss.js';
import { labels } from '../../src/train/objectives/labels.js';
import { onEngines } from '../support/engines.js';
import { REFERENCE, stateOf } from './support/reference.js';
import { tinyNetwork } from './support/tiny.js';
import { SETTINGS } from './support/tiny-run.js';

const STATISTICS = ['norm.running_mean', 'norm.running_var'] as const;
const NAMES = new Set<string>(STATISTICS);
const TASK = segmentationTask(255);

/** A forward pass that moves the running statistics. */
function passOf(network: Network, moved: 'batch' | 'sum'): CompiledLoss {
  const objective = labels.open({ task: TASK });
  return compileLoss(network, objective, statisticsIn(network, NAMES, moved), NO_GRADIENTS, 'fp32');
}

onEngines('train: precise statistics', () => {
  it('equal torch.optim.swa_utils.update_bn’s', () => {
    const network = tinyNetwork({ classes: 3 });
    const zero = [...stateOf(REFERENCE.before)].map(([name, { shape, data }]) => {
      return [name, { shape, data: NAMES.has(name) ? new Float32Array(data.length) : data }] as const;
    });
    loadStateDict(network, new Map(zero));
    const step = passOf(network, 'sum');
    REFERENCE.images.forEach((pixels, i) => {
      const images = Uint8Array.from(pixels);
      const ids = Uint8Array.from(REFERENCE.labels[i]!);
      const batch = {
        index: i,
        ids: [],
        batch: 2,
        ...{ height: 6, width: 8 },
        images,
        targets: { labels: { dtype: 'int32' as const, shape: [2, 6, 8], data: ids } },
      };
      stepOnBatch(step, batch, { objective: labels, epoch: 0, seed: 0 });
    });
    const reached = stateDict(network);
    for (const [name, { data }] of stateOf(REFERENCE.precise)) {
      const count = NAMES.has(name) ? REFERENCE.images.length : 1;
      data.forEach((value, i) => expect(reached.get(name)!.data[i]! / count, name).to.be.closeTo(value, 1e-5));
    }
    step.dispose();
    network.dispose();
  });

  it('are the means over the epoch after the last, and nothing else changes', async () => {
    const network = tinyNetwork();
    const before = stateDict(network);
    await preciseStatistics({ network, task: TASK, settings: SETTINGS });
    const after = stateDict(network);
    const expected = await meansOfSingleSteps(SETTINGS.epochs);
    const other = await meansOfSingleSteps(0);
    for (const [name, { data }] of after) {
      if (!NAMES.has(name)) expect(data, name).to.deep.equal(before.get(name)!.data);
    }
    for (const name of STATISTICS) {
      after.get(name)!.data.forEach((value, i) => {
        expect(value, name).to.be.closeTo(expected.get(name)![i]!, 1e-5);
        expect(value, name).not.to.be.closeTo(other.get(name)![i]!, 1e-5);
      });
    }
    network.dispose();
  });

  it('leave those alone that training leaves alone', async () => {
    const network = tinyNetwork();
    const before = stateDict(network);
    const options = { network, task: TASK, settings: SETTINGS };
    await preciseStatistics({ ...options, adaptation: tensors(new Set(['conv.weight'])) });
    await preciseStatistics({ ...options, adaptation: lowRank([]) });
    expect(stateDict(network)).to.deep.equal(before);
    network.dispose();
  });

  it('stop with the signal’s reason', async () => {
    const network = tinyNetwork();
    const signal = AbortSignal.abort(new Error('enough'));
    const stopped = await preciseStatistics({ network, task: TASK, settings: SETTINGS, signal }).catch(
      (e: unknown) => e,
    );
    expect((stopped as Error).message).to.equal('enough');
    network.dispose();
  });
});

/** Means of what single steps of training add to statistics of 0: a tenth of the batch's. */
async function meansOfSingleSteps(epoch: number): Promise<Map<string, number[]>> {
  const network = tinyNetwork();
  const loader = await openLoader({ network, task: TASK, settings: SETTINGS });
  const step = passOf(network, 'batch');
  const means = new Map<string, number[]>(STATISTICS.map((name) => [name, []]));
  for await (const batch of loader.epoch(epoch)) {
    tf.tidy(() => {
      for (const { name, variable } of network.parameters) {
        if (NAMES.has(name)) variable.assign(tf.zerosLike(variable));
      }
    });
    stepOnBatch(step, batch, { objective: labels, epoch, seed: SETTINGS.seed });
    for (const name of STATISTICS) {
      const values = stateDict(network).get(name)!.data;
      const sums = means.get(name)!;
      values.forEach((value, i) => (sums[i] = (sums[i] ?? 0) + (10 * value) / loader.batchesPerEpoch));
    }
  }
  step.dispose();
  network.dispose();
  await loader.close();
  return means;
}
