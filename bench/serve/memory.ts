import * as tf from '@tensorflow/tfjs';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { listAdaptors } from '../../src/adaptor/list.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { AdaptedNetwork } from '../../src/serve/adapted-network.js';
import { Client } from './client.js';
import type { ServerProcess } from './process.js';

export interface Growth {
  what: string;
  count: number;
  /** Bytes of the process in memory before and after. */
  before: number;
  after: number;
  /** Tensors more than before; null where they are another process's. */
  tensors: number | null;
}

/** Bytes of this process before and after so many swaps, each followed by a frame in one of a thousand. */
export async function growthOverSwaps(checkpoint: string, adaptors: string, count: number): Promise<Growth> {
  const base = await loadCheckpoint(checkpoint);
  const network = new AdaptedNetwork(networkOf(base), base.config);
  for (const { folder } of await listAdaptors(adaptors)) network.add(await loadAdaptor(folder, base));
  const levels = [null, ...network.levels];
  const frame = { data: new Uint8Array(32 * 64 * 3), width: 64, height: 32, channels: 3 as const };
  const some = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) {
      if (i % 1000 === 0) await network.run([frame], levels[i % levels.length]!);
      else network.swap(levels[i % levels.length]!);
    }
  };
  await some(0, count / 10);
  const [before, tensors] = [process.memoryUsage.rss(), tf.memory().numTensors];
  await some(0, count);
  const after = process.memoryUsage.rss();
  const more = tf.memory().numTensors - tensors;
  network.dispose();
  return { what: 'swaps', count, before, after, tensors: more };
}

/** Bytes of the server's two processes before and after so many requests, four at a time. */
export async function growthOverRequests(
  server: ServerProcess,
  frames: Uint8Array[],
  count: number,
): Promise<Growth[]> {
  const ask = async (requests: number): Promise<void> => {
    let left = requests;
    const one = async (client: Client, i: number): Promise<void> => {
      while (left-- > 0) {
        const { status } = await client.send('/v1/segment', frames[(left + i) % frames.length]);
        if (status !== 200) throw new Error(`answered with ${status}`);
      }
      client.close();
    };
    await Promise.all(Array.from({ length: 4 }, (_, i) => one(new Client(server.url), i)));
  };
  const resident = (part: string): Promise<number> => server.metric(`gearnn_resident_bytes{part="${part}"}`);
  await ask(count / 10);
  const before = [await resident('engine'), await resident('server')];
  await ask(count);
  const after = [await resident('engine'), await resident('server')];
  return ['engine', 'server'].map((part, i) => ({
    what: `requests, ${part} process`,
    count,
    before: before[i]!,
    after: after[i]!,
    tensors: null,
  }));
}
