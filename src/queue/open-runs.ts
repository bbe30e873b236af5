import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { PREFIX } from './job.js';

/** Names of runs, and what each of them says every few seconds. */
const RUNS = `${PREFIX}:runs`;
const LIFE = 20_000;
const BEAT = 5000;

const keyOf = (run: string): string => `${PREFIX}:run:${run}`;

/** Says that a coordinator has steps to come, so that workers do not leave while it is busy with something else. @returns what takes it back */
export async function openRun(redis: Redis): Promise<() => void> {
  const run = randomUUID();
  const say = async (): Promise<void> => {
    // Both at once: a name without its key is of one that has died.
    await redis.multi().set(keyOf(run), '1', 'PX', LIFE).sadd(RUNS, run).exec();
  };
  await say();
  const beat = setInterval(() => void say().catch(() => undefined), BEAT);
  return () => {
    clearInterval(beat);
    redis.srem(RUNS, run).catch(() => undefined);
    redis.del(keyOf(run)).catch(() => undefined);
  };
}

/** Whether a coordinator that lives may add steps; forgets those that have died. */
export async function hasOpenRun(redis: Redis): Promise<boolean> {
  for (const run of await redis.smembers(RUNS)) {
    if ((await redis.exists(keyOf(run))) > 0) return true;
    await redis.srem(RUNS, run);
    // One that was silent for longer may have spoken just now.
    if ((await redis.exists(keyOf(run))) === 0) continue;
    await redis.sadd(RUNS, run);
    return true;
  }
  return false;
}
