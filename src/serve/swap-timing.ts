import { AdaptorBank } from '../adaptor/bank.js';
import { loadAdaptor } from '../adaptor/file.js';
import { listAdaptors } from '../adaptor/list.js';
import { fail } from '../common/errors.js';
import { quantile } from '../common/quantile.js';
import { Random } from '../common/random.js';
import { loadCheckpoint, networkOf } from '../models/checkpoint.js';

/** Swaps that are timed, unless they take so many milliseconds together before. */
const [SWAPS, ENOUGH] = [10_000, 10_000];
const LOADS = 5;
const BYTES_PER_VALUE = 4;

/** What changing level costs with adaptors, and with a whole network per level instead. */
export interface SwapTiming {
  levels: number;
  /** From knowing the level to the weights being in place, over up to 10,000 changes in random order. */
  swapMicroseconds: { p50: number; p99: number };
  /** A whole network from its files to weights in place, the median of 5; the files are in the system's cache. */
  diskLoadMilliseconds: number;
  /** The base and every adaptor. */
  residentBytes: number;
  /** A whole network for every level, clean included. */
  switchingBytes: number;
}

/**
 * Times swaps of the adaptors in a folder on the running engine.
 *
 * @throws E_CHECKPOINT, E_ADAPTOR and what else loading throws; E_USAGE where there are no adaptors
 */
export async function timeSwaps(checkpoint: string, adaptors: string): Promise<SwapTiming> {
  const base = await loadCheckpoint(checkpoint);
  const folders = await listAdaptors(adaptors);
  if (folders.length === 0) {
    fail('E_USAGE', {
      where: adaptors,
      expected: 'a folder with adaptors',
      got: 'none',
      todo: 'Make one with gearnn finetune --split.',
    });
  }
  const loads: number[] = [];
  for (let i = 0; i < LOADS; i++) {
    const start = performance.now();
    networkOf(await loadCheckpoint(checkpoint)).dispose();
    loads.push(performance.now() - start);
  }
  const network = networkOf(base);
  const bank = new AdaptorBank(network);
  try {
    for (const { folder } of folders) bank.addAdaptor(await loadAdaptor(folder, base));
    const parameters = network.parameters.reduce((sum, { size }) => sum + size, 0);
    const levels = [null, ...bank.levels];
    const random = Random.of(1, 'swaps');
    const microseconds: number[] = [];
    let at = 0;
    const begun = performance.now();
    for (let i = 0; i < SWAPS && performance.now() - begun < ENOUGH; i++) {
      at = (at + 1 + random.integer(levels.length - 1)) % levels.length;
      const start = performance.now();
      bank.swap(levels[at]!);
      microseconds.push((performance.now() - start) * 1000);
    }
    return {
      levels: levels.length,
      swapMicroseconds: { p50: quantile(microseconds, 0.5), p99: quantile(microseconds, 0.99) },
      diskLoadMilliseconds: quantile(loads, 0.5),
      residentBytes: (parameters + bank.parameters) * BYTES_PER_VALUE,
      switchingBytes: parameters * levels.length * BYTES_PER_VALUE,
    };
  } finally {
    bank.dispose();
    network.dispose();
  }
}
