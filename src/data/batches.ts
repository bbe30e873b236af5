import { siblingModule } from '../common/sibling-module.js';
import { fail } from '../common/errors.js';
import { Random } from '../common/random.js';
import { decodedBytes, type Batch, type BatchResult, type BatchTask } from './assemble.js';
import type { Augmentation } from './augment.js';
import type { Dataset, Sample } from './dataset.js';
import type { Pair } from './pair.js';
import { WorkerPool } from './pool.js';
import { loadSource, type SampleSource } from './source.js';

export type { Batch } from './assemble.js';

export interface BatchOptions {
  source: SampleSource;
  split: string;
  /** Ids of the samples to use, in this order. Default: all of the split. */
  samples?: string[];
  /** Samples per batch. */
  batch: number;
  /** Order and augmentation follow from it and the epoch. */
  seed: number;
  /**
   * So many samples that follow each other are variants of one, as a mixed source has them: every epoch takes one of them, drawn anew
   * from seed, epoch and sample. Default: 1.
   */
  variants?: number;
  /** A new order in every epoch. */
  shuffle: boolean;
  /** Left out, images come whole; then those of one batch must be of one size. */
  augment?: Augmentation;
  /** Threads. Default: 1. */
  workers?: number;
  /** Batches made before they are asked for. Default: two per worker. */
  ahead?: number;
  /** Leave out a last batch that is not full. */
  dropLast?: boolean;
  /** Decoded samples are kept up to this many bytes. Default: 512 MiB. */
  cacheBytes?: number;
}

/**
 * Batches decoded ahead in worker threads. What a batch holds depends on the options, the epoch and its index alone, never on
 * the number of workers or on timing, so that a resumed run sees what the uninterrupted one would have seen.
 */
export class BatchLoader {
  private readonly cache = new Map<string, Pair>();
  private cachedBytes = 0;
  private readonly pool: WorkerPool<BatchTask, BatchResult>;

  private constructor(
    private readonly options: BatchOptions,
    /** The dataset as this thread sees it. */
    readonly dataset: Dataset,
    private readonly samples: Sample[],
  ) {
    const entry = siblingModule(import.meta.url, 'worker');
    this.pool = new WorkerPool(entry, options.source, options.workers ?? 1);
  }

  /**
   * Opens the source and starts the threads; {@link close} ends them.
   *
   * @throws E_USAGE for numbers out of range, E_DATA_SPLIT, E_DATA_SAMPLE, and what opening the dataset throws
   */
  static async open(options: BatchOptions): Promise<BatchLoader> {
    checkOptions(options);
    const dataset = await loadSource(options.source);
    return new BatchLoader(options, dataset, pick(dataset, options));
  }

  /** Samples in an epoch, those of a dropped last batch included. */
  get sampleCount(): number {
    return this.samples.length / (this.options.variants ?? 1);
  }

  get batchesPerEpoch(): number {
    const count = this.sampleCount / this.options.batch;
    return this.options.dropLast ? Math.floor(count) : Math.ceil(count);
  }

  /**
   * The batches of an epoch in order. Leaving the loop early is fine; another epoch can follow.
   *
   * @param start index of the first batch wanted, to go on within an epoch
   * @throws what decoding a sample throws, at the batch that holds it; E_DATA_WORKER; E_DATA_CLOSED
   */
  async *epoch(epoch: number, start = 0): AsyncGenerator<Batch, void, void> {
    const order = this.orderOf(epoch);
    const ahead = this.options.ahead ?? 2 * (this.options.workers ?? 1);
    const queue: Promise<Batch>[] = [];
    let next = start;
    for (let index = start; index < this.batchesPerEpoch; index++) {
      // One more than `ahead`: the first is the batch that is waited for now.
      while (queue.length <= ahead && next < this.batchesPerEpoch) queue.push(this.request(epoch, order, next++));
      yield await queue.shift()!;
    }
  }

  /** Ends the threads; a loop that waits for a batch gets E_DATA_CLOSED. */
  async close(): Promise<void> {
    this.cache.clear();
    await this.pool.close();
  }

  /** Positions of the epoch's samples. */
  private orderOf(epoch: number): number[] {
    const { seed, shuffle, variants = 1 } = this.options;
    const order = shuffle
      ? Random.of(seed, 'order', epoch).permutation(this.sampleCount)
      : Array.from({ length: this.sampleCount }, (_, i) => i);
    if (variants === 1) return order;
    return order.map((sample) => sample * variants + Random.of(seed, 'variant', epoch, sample).integer(variants));
  }

  private request(epoch: number, order: number[], index: number): Promise<Batch> {
    const { batch, seed, augment, cacheBytes = 512 * 2 ** 20 } = this.options;
    const first = index * batch;
    const samples = order.slice(first, first + batch).map((i) => this.samples[i]!);
    const answer = this.pool.run({
      index,
      samples,
      cached: samples.map(({ id }) => this.cache.get(id)),
      keep: this.cachedBytes < cacheBytes,
      augment,
      random: samples.map((_, i) => Random.of(seed, 'augment', epoch, first + i).state),
    });
    const made = answer.then((result) => {
      this.remember(result.decoded, cacheBytes);
      return result.batch;
    });
    // A loop that ended early never waits for it; the loop that does still gets the error.
    made.catch(() => {});
    return made;
  }

  /** Keeps what fits and never forgets: in a random order over more than fits, any other choice hits less often. */
  private remember(decoded: BatchResult['decoded'], limit: number): void {
    for (const entry of decoded) {
      const bytes = decodedBytes([entry]);
      if (this.cache.has(entry[0]) || this.cachedBytes + bytes > limit) continue;
      this.cache.set(...entry);
      this.cachedBytes += bytes;
    }
  }
}

function checkOptions({ batch, workers = 1, ahead = 1, augment }: BatchOptions): void {
  const numbers = { batch, workers, ahead, ...sidesOf(augment?.crop) };
  for (const [where, value] of Object.entries(numbers)) {
    if (Number.isInteger(value) && value >= 1) continue;
    fail('E_USAGE', { where: `batches.${where}`, expected: 'a whole number from 1 on', got: String(value) });
  }
  const [min, max] = augment?.scale ?? [1, 1];
  if (!(min > 0 && min <= max && Number.isFinite(max))) {
    fail('E_USAGE', { where: 'batches.scale', expected: '0 < min <= max', got: `[${min}, ${max}]` });
  }
}

function sidesOf(crop?: Augmentation['crop']): Record<string, number> {
  return Array.isArray(crop) ? { height: crop[0], width: crop[1] } : { ...crop };
}

function pick(dataset: Dataset, { split, samples: ids }: BatchOptions): Sample[] {
  const all = dataset.samples(split);
  if (!ids) return all;
  const byId = new Map(all.map((sample) => [sample.id, sample]));
  return ids.map(
    (id) =>
      byId.get(id) ??
      fail('E_DATA_SAMPLE', {
        where: `${dataset.spec} ${split}`,
        expected: 'the id of one of its samples',
        got: `"${id}"`,
      }),
  );
}
