import sharp from 'sharp';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { type LoadRow, benchLoad, capacityOf } from './load.js';
import { type Growth, growthOverRequests, growthOverSwaps } from './memory.js';
import { type Overhead, benchOverhead } from './overhead.js';
import { ServerProcess } from './process.js';
import { benchSwaps, type SwapRow } from './swaps.js';
import { benchThroughput, type ThroughputResult } from './throughput.js';

export interface ServeResult {
  checkpoint: string;
  size: [height: number, width: number];
  precision: 'fp32' | 'bf16';
  swaps: SwapRow[];
  throughput: ThroughputResult;
  /** Frames per second of four clients that wait for each answer. */
  capacity: number;
  load: LoadRow[];
  overhead: Overhead;
  growth: Growth[];
}

export interface ServeOptions {
  checkpoint: string;
  adaptors: string;
  size: [height: number, width: number];
  precision: 'fp32' | 'bf16';
  /** Frames per way to answer. */
  rounds: number;
  /** Of each measurement of latency. */
  seconds: number;
  /** Most whole networks that are held at once. */
  networks: number;
  /** Swaps and requests after which memory is looked at. */
  swaps: number;
  requests: number;
}

/** What serving costs: swaps, levels that change, load, the server around the network, memory. */
export async function benchServe(options: ServeOptions): Promise<ServeResult> {
  const { checkpoint, adaptors, size, precision, rounds, seconds, networks } = options;
  await startEngine({ engine: 'tensorflow', precision });
  const frames = await jpegFrames(size);
  const swaps = await benchSwaps({ checkpoint, adaptors, size, counts: [2, 5, 10, 20, 50], networks });
  const throughput = await benchThroughput({ checkpoint, adaptors, size, rounds });
  const growth = [await growthOverSwaps(checkpoint, adaptors, options.swaps)];
  const serving = ['--checkpoint', checkpoint, '--adaptors', adaptors, '--precision', precision];
  const server = await ServerProcess.start(serving);
  try {
    await capacityOf({ server, frames, seconds: 2 });
    const capacity = await capacityOf({ server, frames, seconds });
    const load = await benchLoad({
      server,
      frames,
      seconds,
      capacity,
      streams: [1, 10, 100],
      loads: [0.25, 0.5, 0.75, 0.95, 1.5],
    });
    const overhead = await benchOverhead(server, frames, rounds);
    const small = await jpegFrames([32, 64]);
    growth.push(...(await growthOverRequests(server, small, options.requests)));
    return { checkpoint, size, precision, swaps, throughput, capacity, load, overhead, growth };
  } finally {
    await server.stop();
  }
}

/** A drawn scene at qualities whose levels differ. */
async function jpegFrames([height, width]: readonly [number, number]): Promise<Uint8Array[]> {
  const scenes = await openDataset(`scenes:7@${height}x${width}`);
  const { data } = await scenes.readImage(scenes.samples('val')[0]!);
  const encode = (quality: number): Promise<Uint8Array> =>
    sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality })
      .toBuffer();
  return Promise.all([5, 50, 10, 90, 20].map(encode));
}
