import type { Inference } from '../../src/serve/inference.js';
import { quantile } from '../../src/common/quantile.js';
import { Client } from './client.js';
import type { ServerProcess } from './process.js';

/** Median milliseconds of one request, sent alone, and of its parts. */
export interface Overhead {
  request: number;
  forward: number;
  decode: number;
  detect: number;
  swap: number;
  /** In the queue: the wait for others to run with, which `--batch-delay 0` saves. */
  waited: number;
  /** What is left: HTTP, the way to the engine process and back, the PNG or JSON. */
  rest: number;
}

/** Requests one after the other, as JSON, whose answers tell the times of their parts. */
export async function benchOverhead(server: ServerProcess, frames: Uint8Array[], count: number): Promise<Overhead> {
  const client = new Client(server.url);
  const parts: Record<keyof Overhead, number[]> = {
    request: [],
    forward: [],
    decode: [],
    detect: [],
    swap: [],
    waited: [],
    rest: [],
  };
  for (let i = -5; i < count; i++) {
    const frame = frames[(i + frames.length) % frames.length] ?? frames[0];
    const answer = await client.send('/v1/segment', frame, { accept: 'application/json' });
    if (answer.status !== 200) throw new Error(`answered with ${answer.status}: ${answer.body.toString()}`);
    if (i < 0) continue;
    const { timings, waited } = JSON.parse(answer.body.toString()) as Inference & { waited: number };
    const known = { ...timings, waited };
    for (const [name, value] of Object.entries(known)) parts[name as keyof Overhead].push(value);
    parts.request.push(answer.latency);
    parts.rest.push(answer.latency - Object.values(known).reduce((sum, value) => sum + value, 0));
  }
  client.close();
  return Object.fromEntries(
    Object.entries(parts).map(([name, values]) => [name, quantile(values, 0.5)]),
  ) as unknown as Overhead;
}
