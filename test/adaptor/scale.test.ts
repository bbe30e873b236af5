import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { AdaptorBank } from '../../src/adaptor/bank.js';
import { type Adaptor, loadAdaptor } from '../../src/adaptor/file.js';
import { mergedTensors, scaledAdaptor, withAdaptor } from '../../src/adaptor/merge.js';
import { type Checkpoint, loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { stateDict } from '../../src/models/state-dict.js';
import { temporaryFolder } from '../data/support/folders.js';
import { onEngines } from '../support/engines.js';
import { writeLowRank } from '../serve/support/low-rank.js';

const DEMO = 'checkpoints/demo';

onEngines('scaled adaptors', () => {
  const folder = temporaryFolder();
  let base: Checkpoint;
  const kinds: Record<string, Adaptor> = {};
  before(async () => {
    base = await loadCheckpoint(DEMO);
    await cp(join(DEMO, 'adaptors/jpeg=5'), join(folder(), 'jpeg=5'), { recursive: true });
    await writeLowRank(DEMO, folder(), 'jpeg=30');
    kinds['items'] = await loadAdaptor(join(folder(), 'jpeg=5'), base);
    kinds['lora'] = await loadAdaptor(join(folder(), 'jpeg=30'), base);
  });

  for (const kind of ['items', 'lora']) {
    it(`${kind}: lie on the line between the base and the adaptor; variances stay above 0`, () => {
      const own = (name: string) => base.state.get(name);
      const whole = mergedTensors(kinds[kind]!, own);
      let [between, farthest] = [0, 0];
      for (const share of [0.25, 0.5]) {
        for (const [name, { data }] of mergedTensors(scaledAdaptor(kinds[kind]!, share, own), own)) {
          const [from, to] = [base.state.get(name)!.data, whole.get(name)!.data];
          data.forEach((value, i) => {
            const wanted = from[i]! + share * (to[i]! - from[i]!);
            farthest = Math.max(farthest, Math.abs(value - wanted) / (1 + Math.abs(wanted)));
            if (value !== from[i] && value !== to[i]) between++;
          });
          if (name.endsWith('running_var')) expect(Math.min(...data)).to.be.above(0);
        }
      }
      expect(farthest).to.be.below(1e-6);
      expect(between).to.be.above(100);
    });

    it(`${kind}: a bank holds the very numbers that are merged into a checkpoint`, () => {
      const before = tf.memory().numTensors;
      const network = networkOf(base);
      const bank = new AdaptorBank(network);
      const { level } = kinds[kind]!.config;
      for (const share of [1, 0.75, 0.25]) {
        // One that is active is taken the place of, and what it goes from is the base's all the same.
        bank.addAdaptor(kinds[kind]!, share);
        bank.swap(level);
        const held = stateDict(network);
        for (const [name, { data }] of withAdaptor(base, kinds[kind]!, share).state)
          expect(Buffer.compare(bytesOf(held.get(name)!.data), bytesOf(data)), `${share} ${name}`).to.equal(0);
      }
      bank.dispose();
      network.dispose();
      expect(tf.memory().numTensors).to.equal(before);
    });
  }

  it('a whole one is the adaptor itself', () => {
    expect(scaledAdaptor(kinds['items']!, 1, () => undefined)).to.equal(kinds['items']);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
