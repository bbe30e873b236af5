import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { saveAdaptor } from '../../src/adaptor/file.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { SMALL, writeCheckpoint } from '../support/checkpoints.js';
import { onEngines } from '../support/engines.js';
import { pass } from './support/server.js';

const DEMO = 'checkpoints/demo';
/** A share, of what the arithmetic gives. */
const TOLERANCE = 0.02;
const FRAME = { data: new Uint8Array(32 * 32 * 3), width: 32, height: 32, channels: 3 as const };

/** Tensors of a safetensors file with their numbers of values, by the header alone: 8 bytes of length, then JSON. */
async function tensorsIn(file: string): Promise<Map<string, number>> {
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { shape: number[] }>;
  const tensors = Object.entries(header).filter(([name]) => !/^__metadata__$|num_batches_tracked$/.test(name));
  return new Map(tensors.map(([name, { shape }]) => [name, shape.reduce((product, side) => product * side, 1)]));
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Bytes of a network's parts as fp32, whatever they are stored as. */
async function arithmetic(folder: string): Promise<{ base: number; adaptors: number; replaced: number }> {
  const base = 4 * sum((await tensorsIn(join(folder, 'model.safetensors'))).values());
  const replaced = new Map<string, number>();
  let adaptors = 0;
  for (const level of await readdir(join(folder, 'adaptors'))) {
    const tensors = await tensorsIn(join(folder, 'adaptors', level, 'adaptor.safetensors'));
    adaptors += 4 * sum(tensors.values());
    for (const [name, size] of tensors) replaced.set(name, size);
  }
  return { base, adaptors, replaced: 4 * sum(replaced.values()) };
}

/** Bytes of all typed arrays of the process that something still holds. */
async function heldArrays(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 5; i++) {
    collect();
    await pass(10);
  }
  return process.memoryUsage().arrayBuffers;
}

/** Writes a network that is stored rounded, with two adaptors of different items. */
async function makeNetwork(folder: string): Promise<void> {
  const hash = await writeCheckpoint(folder, { storage: 'fp16' });
  const { state } = await loadCheckpoint(folder);
  const isNormalization = (name: string): boolean => state.has(`${name.slice(0, name.lastIndexOf('.'))}.running_mean`);
  for (const [level, wanted] of [
    ['jpeg=5', isNormalization],
    ['jpeg=20', (name: string) => name.startsWith('base.3.')],
  ] as const) {
    const items = [...state]
      .filter(([name]) => wanted(name))
      .map(([name, { data }]) => ({ name, tensors: [name], size: data.length }));
    const parameters = items.reduce((sum, { size }) => sum + size, 0);
    const { network, classes } = SMALL;
    const config = { level, base: hash, network, classes, items, parameters, training: {} };
    await saveAdaptor(join(folder, 'adaptors', level), { ...config, budget: { text: 'all', parameters } }, state);
  }
}

describe('resident memory', () => {
  let made: string;
  before(async () => {
    made = await mkdtemp(join(tmpdir(), 'gearnn-memory-'));
    await makeNetwork(made);
  });
  after(() => rm(made, { recursive: true, force: true }));

  onEngines('a base and its adaptors', (engine) => {
    const load = (folder: string): Promise<AdaptiveRunner> =>
      AdaptiveRunner.load({ checkpoint: folder, adaptors: join(folder, 'adaptors') });
    const near = (actual: number, expected: number): void => {
      expect(actual).to.be.closeTo(expected, TOLERANCE * expected);
    };

    for (const name of ['demo', 'made'] as const) {
      it(`of the ${name} network are accounted as the shapes in its files say, and its tensors take that`, async () => {
        const folder = name === 'demo' ? DEMO : made;
        const { base, adaptors, replaced } = await arithmetic(folder);
        const before = tf.memory().numBytes;
        const runner = await load(folder);
        try {
          const { residentBytes } = runner.describe();
          near(residentBytes.base, base);
          near(residentBytes.adaptors, adaptors);
          // TensorFlow.js counts tensors: what adaptors replace has two, the network's and the bank's, on one buffer.
          const held = (): number => tf.memory().numBytes - before - replaced;
          near(held(), base + adaptors);
          // Nothing is added by making one active.
          for (const level of runner.levels) await runner.infer(FRAME, { level });
          near(held(), base + adaptors);
        } finally {
          runner.dispose();
        }
      });
    }

    it('are in memory once: what was read from the files is let go', async () => {
      const { base, adaptors } = await arithmetic(DEMO);
      const before = await heldArrays();
      const runner = await load(DEMO);
      try {
        const grown = (await heldArrays()) - before;
        // WebAssembly has a memory of its own; elsewhere tensors are arrays, on TensorFlow until they are first computed with.
        if (engine === 'wasm') expect(grown).to.be.below(TOLERANCE * (base + adaptors));
        else near(grown, base + adaptors);
      } finally {
        runner.dispose();
      }
    });
  });
});
