import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { meanEntropy } from '../../../src/adapt/online/entropy.js';
import { recentStatistics } from '../../../src/adapt/online/recent-statistics.js';
import { tent } from '../../../src/adapt/online/tent.js';
import type { ChangingOutputs } from '../../../src/eval/whole-frames.js';
import type { Network } from '../../../src/models/network.js';
import { loadStateDict, stateDict } from '../../../src/models/state-dict.js';
import { onEngines } from '../../support/engines.js';
import { readSource } from '../../support/sources.js';
import { tinyNetwork } from '../../train/support/tiny.js';

interface Tensor {
  shape: number[];
  data: number[];
}

/** By PyTorch, scripts/fixtures/tent_steps.py. */
const REFERENCE = JSON.parse(readSource('test/fixtures/adapt/online.json')) as {
  frames: Tensor;
  state: Record<string, Tensor>;
  tent: Record<'sgd' | 'adam', { rate: number; logits: number[][]; scale: number[]; shift: number[] }>;
  recent: { window: number; prior: number; logits: number[][] };
};

onEngines('adapt: while answering, as PyTorch', () => {
  let network: Network;
  beforeEach(() => {
    network = tinyNetwork({ classes: 3 });
    const state = Object.entries(REFERENCE.state).map(
      ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
    );
    loadStateDict(network, new Map(state));
  });
  // Within the test, so that what it leaves behind is seen.
  const finish = (): void => network.dispose();

  function expectLogits({ outputs }: ChangingOutputs, expected: readonly number[][]): void {
    const { shape, data } = REFERENCE.frames;
    const [, height, width] = shape as [number, number, number];
    const area = height * width * 3;
    expected.forEach((values, i) => {
      tf.tidy(() => {
        const frame = tf.tensor4d(data.slice(i * area, (i + 1) * area), [1, height, width, 3], 'int32');
        const logits = outputs(frame)['logits']!.dataSync();
        expect(logits.length).to.equal(values.length);
        values.forEach((value, j) => expect(logits[j], `frame ${i}, ${j}`).to.be.closeTo(value, 1e-4));
      });
    });
  }

  for (const optimizer of ['sgd', 'adam'] as const) {
    it(`TENT by ${optimizer} answers and moves scales and shifts as there, and nothing else`, () => {
      const { rate, logits, scale, shift } = REFERENCE.tent[optimizer];
      const before = stateDict(network);
      const adapting = tent(network, { optimizer, learningRate: rate, momentum: 0.9 });
      expectLogits(adapting, logits);
      const after = stateDict(network);
      const expected: Record<string, number[]> = { 'norm.weight': scale, 'norm.bias': shift };
      for (const [name, values] of Object.entries(expected)) {
        values.forEach((value, i) => expect(after.get(name)!.data[i], name).to.be.closeTo(value, 1e-4));
        const moved = values.map((value, i) => Math.abs(value - before.get(name)!.data[i]!));
        expect(Math.max(...moved), name).to.be.above(1e-3);
      }
      for (const name of ['conv.weight', 'seg.weight', 'seg.bias']) {
        expect([...after.get(name)!.data], name).to.deep.equal([...before.get(name)!.data]);
      }
      adapting.dispose();
      finish();
    });
  }

  it('statistics of the last frames, blended with those of training', () => {
    const { window, prior, logits } = REFERENCE.recent;
    const before = stateDict(network);
    const adapting = recentStatistics(network, { window, prior });
    expectLogits(adapting, logits);
    for (const [name, { data }] of stateDict(network)) expect([...data]).to.deep.equal([...before.get(name)!.data]);
    adapting.dispose();
    finish();
  });

  it('the entropy of even odds is the logarithm of their number, and that of a sure answer 0', () => {
    const entropy = (logits: number[]): number => tf.tidy(() => meanEntropy(tf.tensor2d([logits])).dataSync()[0]!);
    expect(entropy([2, 2, 2, 2])).to.be.closeTo(Math.log(4), 1e-6);
    expect(entropy([60, 0, 0])).to.be.closeTo(0, 1e-6);
    finish();
  });
});
