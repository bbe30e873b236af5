import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../../src/common/quantile.js';
import { freePort } from '../queue/redis.js';
import { type BalancerName, startBalancer } from './balancers.js';
import { type Camera, camerasOf } from './cameras.js';
import { Client } from './client.js';
import { ServerProcess } from './process.js';

export interface FleetOptions {
  balancer: BalancerName;
  /** Of the run: a server is killed after a third of it, and started again after a sixth more; it goes on until every camera could ask that one. */
  seconds: number;
  /** Cameras, each with a picture of its own. */
  streams: number;
  /** Seconds between two frames of a camera. */
  every: number;
  note?: (text: string) => void;
}

/** What clients saw of a server that was killed. */
export interface FleetRow {
  balancer: BalancerName;
  seconds: number;
  streams: number;
  requests: number;
  /** Requests that did not end with 200. */
  failed: number;
  /** How often each status came instead; 0 is none, of a connection that broke. 503 and 504 are of servers that are busy. */
  statuses: Record<number, number>;
  /** Answers with another mask or level than that picture has without load. */
  wrong: number;
  /** Streams of the killed server, and how many of them another one answered meanwhile. */
  killed: number;
  moved: number;
  /** Streams of the other server that were answered by the killed one. */
  strayed: number;
  /** Streams of the killed server that it answers again at the end. */
  back: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

const CHECKPOINT = 'checkpoints/demo';

interface Sent {
  camera: Camera;
  status: number;
  wrong: boolean;
  /** Of the server that answered: 0 or 1. */
  server: number;
  at: number;
  latency: number;
}

/** Two servers behind a balancer by its file in `deploy`, under load, of which one is killed and started again. */
export async function benchFleet(options: FleetOptions): Promise<FleetRow> {
  const { balancer: name, seconds, streams, every, note } = options;
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-fleet-'));
  const ports = [await freePort(), await freePort()];
  const adaptors = await Promise.all(ports.map((_, i) => ownAdaptors(folder, i)));
  const start = (i: number): Promise<ServerProcess> =>
    ServerProcess.start(['--checkpoint', CHECKPOINT, '--adaptors', adaptors[i]!, '--port', String(ports[i])]);
  const servers = [await start(0), await start(1)];
  const [http, grpc] = [await freePort(), await freePort()];
  const balancer = await startBalancer(name, name, {
    ...{ http, grpc },
    servers: await Promise.all(ports.map(async (port): Promise<[number, number]> => [port, await freePort()])),
  });
  try {
    const cameras = await camerasOf(servers[0]!.url, streams);
    const serverOf = await versions(servers, cameras);
    const sent: Sent[] = [];
    const clients = cameras.map(() => new Client(`http://127.0.0.1:${http}`));
    // HAProxy sends nothing to a server before its first check.
    await sleep(1500);
    // Where each stream is at home.
    for (const [i, camera] of cameras.entries()) sent.push(await ask(clients[i]!, camera, serverOf, 0));
    note?.(`${name}: ${streams} streams begin`);
    const began = performance.now();
    const secondsNow = (): number => (performance.now() - began) / 1000;
    let end = Infinity;
    const stream = async (camera: Camera, i: number): Promise<void> => {
      for (let due = (i / streams) * every; due < end; due += every) {
        await sleep(Math.max(0, 1000 * (due - secondsNow())));
        sent.push(await ask(clients[i]!, camera, serverOf, secondsNow()));
      }
    };
    const kill = async (): Promise<void> => {
      await sleep((1000 * seconds) / 3);
      await servers[0]!.kill();
      note?.(`${name}: a server was killed after ${secondsNow().toFixed(1)} s`);
      await sleep((1000 * seconds) / 6);
      servers[0] = await start(0);
      note?.(`${name}: it answers again after ${secondsNow().toFixed(1)} s`);
      // Long enough for each camera to ask it.
      end = Math.max(seconds, secondsNow() + Math.max(seconds / 6, 2 * every));
    };
    await Promise.all([kill(), ...cameras.map(stream)]);
    for (const client of clients) client.close();
    return { ...{ balancer: name, seconds: Math.round(secondsNow()), streams }, ...summed(sent, cameras, seconds / 3) };
  } finally {
    await balancer.end();
    for (const server of servers) await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The demo's adaptors with a note in each that makes their versions this server's own. */
async function ownAdaptors(folder: string, server: number): Promise<string> {
  const own = join(folder, String(server));
  await cp(join(CHECKPOINT, 'adaptors'), own, { recursive: true });
  for (const level of await readdir(own)) {
    const path = join(own, level, 'adaptor_config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as { training: object };
    await writeFile(path, JSON.stringify({ ...config, training: { ...config.training, server } }));
  }
  return own;
}

/** Which server an adaptor's version is of. */
async function versions(servers: readonly ServerProcess[], cameras: readonly Camera[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const each = new Map(cameras.map((camera) => [camera.level, camera]));
  for (const [i, server] of servers.entries()) {
    const client = new Client(server.url);
    for (const { frame, level } of each.values()) {
      const { headers } = await client.send(`/v1/segment?level=${encodeURIComponent(level)}`, frame);
      const version = String(headers['x-gearnn-version']);
      if (found.has(version)) throw new Error(`version ${version} of ${level} is of both servers`);
      found.set(version, i);
    }
    client.close();
  }
  return found;
}

async function ask(client: Client, camera: Camera, servers: Map<string, number>, at: number): Promise<Sent> {
  const { name, frame, level, mask } = camera;
  try {
    const sending = client.send('/v1/segment', frame, { 'x-gearnn-sequence': name });
    const { status, body, headers, latency } = await sending;
    const wrong = status === 200 && (headers['x-gearnn-level'] !== level || !body.equals(mask));
    return { camera, status, wrong, server: servers.get(String(headers['x-gearnn-version'])) ?? -1, at, latency };
  } catch {
    return { camera, status: 0, wrong: false, server: -1, at, latency: NaN };
  }
}

/** @param killed seconds after which the first server was killed */
function summed(
  sent: readonly Sent[],
  cameras: readonly Camera[],
  killed: number,
): Omit<FleetRow, 'balancer' | 'seconds' | 'streams'> {
  const answered = sent.filter(({ status }) => status === 200);
  const statuses: Record<number, number> = {};
  for (const { status } of sent) if (status !== 200) statuses[status] = (statuses[status] ?? 0) + 1;
  const own = cameras.map((camera) => answered.filter((one) => one.camera === camera));
  const homeOf = (all: readonly Sent[]): number | undefined => all.find(({ at }) => at < killed)?.server;
  const ofKilled = own.filter((all) => homeOf(all) === 0);
  const latencies = answered.map(({ latency }) => latency);
  return {
    requests: sent.length,
    failed: sent.length - answered.length,
    statuses,
    wrong: answered.filter(({ wrong }) => wrong).length,
    killed: ofKilled.length,
    moved: ofKilled.filter((all) => all.some(({ server }) => server === 1)).length,
    strayed: own.filter((all) => homeOf(all) === 1 && all.some(({ server }) => server === 0)).length,
    back: ofKilled.filter((all) => all.at(-1)!.server === 0).length,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}
