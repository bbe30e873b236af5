import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadAdaptor, saveAdaptor } from '../../src/adaptor/file.js';
import { quantile } from '../../src/common/quantile.js';
import { versionOf } from '../../src/serve/inference.js';
import { freePort } from '../queue/redis.js';
import { type BalancerName, startBalancer } from './balancers.js';
import { type Camera, camerasOf } from './cameras.js';
import { Client } from './client.js';
import { ServerProcess } from './process.js';
import { type Heard, RollCount } from './roll-count.js';

/** A server that runs. */
export interface Running {
  url: string;
  kill(): Promise<unknown>;
}

export interface RollOptions {
  balancer: BalancerName;
  /** Of the load; what is being rolled out then is waited for. */
  seconds: number;
  /** Cameras, each with a picture of its own. */
  streams: number;
  /** Seconds between two frames of a camera. */
  every: number;
  /** `gearnn serve` with these options. Default: as it was built */
  start?: (parameters: string[]) => Promise<Running>;
  note?: (text: string) => void;
}

/** What clients saw of adaptors that were replaced again and again. */
export interface RollRow {
  balancer: BalancerName;
  seconds: number;
  streams: number;
  /** Times that all adaptors were replaced. */
  rolls: number;
  requests: number;
  /** Requests that did not end with 200, and how often each status came. */
  failed: number;
  statuses: Record<number, number>;
  /** Answers that are of no version: another mask than the version that they name gives. */
  mixed: number;
  /** Answers of the first and of the second version. */
  answered: number[];
  /** Streams that were answered by both. */
  both: number;
  /** Seconds until both servers had a new version, at most. */
  slowest: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

const CHECKPOINT = 'checkpoints/demo';
/** Seconds within which servers that are not stuck take what is new. */
const PATIENCE = 120;

/**
 * Two servers that watch one folder of adaptors, behind a balancer by its file in `deploy`, while the folder's adaptors are replaced by another
 * version again and again under load.
 */
export async function benchRoll(options: RollOptions): Promise<RollRow> {
  const { balancer: name, seconds, streams, every, note, start = (all) => ServerProcess.start(all) } = options;
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-roll-'));
  const running: { kill(): Promise<unknown> }[] = [];
  const serve = async (adaptors: string, ...more: string[]): Promise<Running> => {
    const server = await start(['--checkpoint', CHECKPOINT, '--adaptors', adaptors, ...more]);
    running.push(server);
    return server;
  };
  try {
    const sets = await makeSets(folder);
    const alone = await Promise.all(sets.map((set) => answersOf(set.folder, streams, serve)));
    const shared = join(folder, 'shared');
    await cp(sets[0]!.folder, shared, { recursive: true });
    const servers = await Promise.all([0, 1].map(() => serve(shared, '--watch')));
    const [http, grpc] = [await freePort(), await freePort()];
    const places = servers.map(async ({ url }): Promise<[number, number]> => [
      Number(new URL(url).port),
      await freePort(),
    ]);
    const balancer = await startBalancer(name, name, { http, grpc, servers: await Promise.all(places) });
    running.push({ kill: () => balancer.end() });
    // HAProxy sends nothing to a server before its first check.
    await sleep(1500);
    note?.(`${name}: ${streams} streams begin`);
    const count = new RollCount(alone);
    const latencies: number[] = [];
    const began = performance.now();
    const secondsNow = (): number => (performance.now() - began) / 1000;
    let isOver = false;
    const stream = async ({ name: camera, frame }: Camera, i: number): Promise<void> => {
      const client = new Client(`http://127.0.0.1:${http}`);
      for (let due = (i / streams) * every; !isOver; due += every) {
        await sleep(Math.max(0, 1000 * (due - secondsNow())));
        const heard = await ask(client, camera, frame);
        count.add(i, heard);
        if (heard.status === 200) latencies.push(heard.latency);
      }
      client.close();
    };
    const taken: number[] = [];
    const roll = async (): Promise<void> => {
      while (secondsNow() < seconds) {
        const next = sets[(taken.length + 1) % sets.length]!;
        await replace(next.folder, shared, join(folder, 'beside'));
        const since = secondsNow();
        await Promise.all(servers.map(({ url }) => untilServed(url, next.versions)));
        taken.push(secondsNow() - since);
        note?.(`${name}: both servers have version ${taken.length + 1} after ${taken.at(-1)!.toFixed(1)} s`);
        await sleep(1000);
      }
    };
    await Promise.all([roll().finally(() => (isOver = true)), ...alone[0]!.map(stream)]);
    const { requests, failed, statuses, mixed, answered, both } = count;
    return {
      ...{ balancer: name, seconds: Math.round(secondsNow()), streams, rolls: taken.length },
      ...{ requests, failed, statuses, mixed, answered, both, slowest: Math.max(...taken) },
      ...{ p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
    };
  } finally {
    // The balancer first: it would ask servers that are gone.
    for (const one of running.reverse()) await one.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adaptors of all levels, as a server names their versions. */
interface AdaptorSet {
  folder: string;
  /** By level. */
  versions: Map<string, string>;
}

/** The demo's adaptors, and the same ones with the last tensor of each turned round. */
async function makeSets(folder: string): Promise<AdaptorSet[]> {
  const sets = ['first', 'second'].map((name) => ({ folder: join(folder, name), versions: new Map<string, string>() }));
  const source = join(CHECKPOINT, 'adaptors');
  for (const level of (await readdir(source)).filter((name) => name.startsWith('jpeg='))) {
    const { config, state } = await loadAdaptor(join(source, level));
    const [name, { shape, data }] = [...state].at(-1)!;
    const turned = { shape, data: data.map((value) => -20 * value) };
    for (const [i, tensors] of [state, new Map([...state, [name, turned]])].entries()) {
      const { folder: set, versions } = sets[i]!;
      await mkdir(join(set, level), { recursive: true });
      await saveAdaptor(join(set, level), config, tensors);
      versions.set(level, versionOf((await loadAdaptor(join(set, level))).hash));
    }
  }
  return sets;
}

/** What a server that has one set alone answers to the cameras. */
async function answersOf(
  adaptors: string,
  streams: number,
  serve: (adaptors: string) => Promise<Running>,
): Promise<Camera[]> {
  const server = await serve(adaptors);
  const cameras = await camerasOf(server.url, streams);
  await server.kill();
  return cameras;
}

/** Puts each adaptor of a set in the place of the one that is there: written beside the folder and renamed into it. */
async function replace(set: string, shared: string, beside: string): Promise<void> {
  for (const level of await readdir(set)) {
    await cp(join(set, level), join(beside, 'new'), { recursive: true });
    await rename(join(shared, level), join(beside, 'old'));
    await rename(join(beside, 'new'), join(shared, level));
    await rm(join(beside, 'old'), { recursive: true });
  }
}

/** Waits until a server answers with these versions. */
async function untilServed(url: string, versions: ReadonlyMap<string, string>): Promise<void> {
  for (const end = Date.now() + 1000 * PATIENCE; ; await sleep(100)) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if ([...versions].every(([level, version]) => text.includes(`:${level}",version="${version}"} 1`))) return;
    if (Date.now() > end) throw new Error(`${url} has not taken the new adaptors within ${PATIENCE} s`);
  }
}

async function ask(client: Client, camera: string, frame: Uint8Array): Promise<Heard & { latency: number }> {
  try {
    const answer = await client.send('/v1/segment', frame, { 'x-gearnn-sequence': camera });
    const { status, body: mask, headers, latency } = answer;
    return { status, mask, version: String(headers['x-gearnn-version']), latency };
  } catch {
    return { latency: NaN };
  }
}
