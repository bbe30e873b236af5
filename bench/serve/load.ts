import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../../src/common/quantile.js';
import { Client } from './client.js';
import type { ServerProcess } from './process.js';

export interface LoadRow {
  streams: number;
  /** Of what the server can do, by the closed loop before. */
  load: number;
  /** Requests per second, as they came. */
  offered: number;
  /** Milliseconds of those that were answered. */
  p50: number;
  p99: number;
  answered: number;
  /** 503: the queue was full. */
  refused: number;
  /** Milliseconds of `/v2/health/live` meanwhile. */
  liveP50: number;
  liveP99: number;
}

export interface LoadOptions {
  server: ServerProcess;
  /** Encoded frames; streams take them in turns, so that their levels differ. */
  frames: Uint8Array[];
  streams: number[];
  /** Shares of the capacity. */
  loads: number[];
  /** Of each measurement. */
  seconds: number;
}

/** Frames per second that four clients get which each wait for their answer. */
export async function capacityOf({ server, frames, seconds }: Omit<LoadOptions, 'streams' | 'loads'>): Promise<number> {
  const clients = Array.from({ length: 4 }, () => new Client(server.url));
  const end = performance.now() + seconds * 1000;
  let count = 0;
  await Promise.all(
    clients.map(async (client, i) => {
      for (let turn = i; performance.now() < end; turn++) {
        const { status } = await client.send('/v1/segment', frames[turn % frames.length]);
        if (status === 200) count++;
      }
      client.close();
    }),
  );
  return count / seconds;
}

/** Latency over load: streams that send at fixed intervals whatever comes back, and a health check beside them. */
export async function benchLoad(options: LoadOptions & { capacity: number }): Promise<LoadRow[]> {
  const rows: LoadRow[] = [];
  for (const streams of options.streams)
    for (const load of options.loads) rows.push(await measure(options, streams, load));
  return rows;
}

async function measure(
  { server, frames, seconds, capacity }: LoadOptions & { capacity: number },
  streams: number,
  load: number,
): Promise<LoadRow> {
  const interval = (1000 * streams) / (capacity * load);
  const clients = Array.from({ length: streams }, () => new Client(server.url));
  const [latencies, live]: [number[], number[]] = [[], []];
  let [refused, sent] = [0, 0];
  const start = performance.now();
  const stream = async (client: Client, i: number): Promise<void> => {
    const pending: Promise<void>[] = [];
    for (let k = 0; ; k++) {
      const due = start + (k + i / streams) * interval;
      if (due > start + seconds * 1000) break;
      await sleep(Math.max(0, due - performance.now()));
      sent++;
      // From when it was due: a client that is held up by the answer before waits for it, too.
      const path = `/v1/segment?sequence_id=${i}`;
      pending.push(
        client.send(path, frames[(k + i) % frames.length]).then(({ status }) => {
          if (status === 200) latencies.push(performance.now() - due);
          else if (status === 503) refused++;
          else throw new Error(`answered with ${status}`);
        }),
      );
    }
    await Promise.all(pending);
  };
  const ended = { yes: false };
  const health = new Client(server.url);
  const checks = (async () => {
    while (!ended.yes) {
      live.push((await health.send('/v2/health/live')).latency);
      await sleep(20);
    }
  })();
  await Promise.all(clients.map(stream));
  ended.yes = true;
  await checks;
  for (const client of [...clients, health]) client.close();
  return {
    streams,
    load,
    offered: sent / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    answered: latencies.length,
    refused,
    liveP50: quantile(live, 0.5),
    liveP99: quantile(live, 0.99),
  };
}
