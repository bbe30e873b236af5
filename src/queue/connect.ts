import type { Redis, RedisOptions } from 'ioredis';
import { fail } from '../common/errors.js';
import type { QueueAddress } from './address.js';

/** The optional packages of the queue. */
export interface QueuePackages {
  bullmq: typeof import('bullmq');
  Redis: typeof Redis;
}

/** Milliseconds: the longest pause between two tries to reach a Redis that went away. */
const LONGEST_PAUSE = 3000;
/** Milliseconds that the first connection may take. */
const PATIENCE = 10_000;

/** @throws E_QUEUE_PACKAGE where they are missing */
export async function loadPackages(): Promise<QueuePackages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis: ioredis.Redis };
  } catch (cause) {
    return fail('E_QUEUE_PACKAGE', {
      where: '--queue',
      expected: 'the optional packages bullmq and ioredis',
      got: (cause as Error).message.split('\n')[0]!,
      todo: 'npm install --ignore-scripts bullmq@6 ioredis@5 adds them.',
      cause,
    });
  }
}

/**
 * Connects to a Redis that has to be there. Later on the connection mends itself, and what is asked meanwhile waits.
 *
 * @throws E_QUEUE_CONNECT where nothing answers, or no Redis; E_QUEUE_ACCESS for a wrong password or database
 */
export async function connect(packages: QueuePackages, address: QueueAddress): Promise<Redis> {
  const { host, port, database: db, username, password, tls } = address;
  let connected = false;
  const options: RedisOptions = {
    ...{ host, port, db, username, password },
    ...(tls && { tls: {} }),
    lazyConnect: true,
    connectTimeout: PATIENCE,
    // BullMQ's condition: a command waits for as long as Redis is away.
    maxRetriesPerRequest: null,
    // A Redis that reads its file after a restart refuses commands: they wait as well.
    reconnectOnError: (error) => (/^(LOADING|READONLY)/.test(error.message) ? 2 : false),
    retryStrategy: (times) => (connected ? Math.min(times * 100, LONGEST_PAUSE) : null),
  };
  const redis = new packages.Redis(options);
  let problem: Error | undefined;
  redis.on('error', (error) => (problem = error));
  try {
    await within(PATIENCE, async () => {
      await redis.connect();
      await redis.ping();
    });
    // A database that does not exist is told by an event alone.
    if (problem) throw problem as Error;
    connected = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    return refuse(address, problem ?? (error as Error));
  }
}

function refuse({ text, database }: QueueAddress, cause: Error): never {
  const { message } = cause;
  if (/NOAUTH|WRONGPASS|NOPERM|without any password/.test(message)) {
    fail('E_QUEUE_ACCESS', {
      where: text,
      expected: 'a user and password that Redis knows',
      got: message,
      todo: 'Write them into the address: redis://USER:PASSWORD@HOST:PORT/N; redis://:PASSWORD@... for the default user.',
      cause,
    });
  }
  if (/DB index|invalid DB/i.test(message)) {
    fail('E_QUEUE_ACCESS', {
      where: text,
      expected: "a number of the server's databases, of which Redis has 16",
      got: `${database}: ${message}`,
      todo: 'End the address with a smaller one, such as /0.',
      cause,
    });
  }
  fail('E_QUEUE_CONNECT', {
    where: text,
    expected: 'a Redis server that answers',
    got: message,
    todo: 'Start it, or mend the address; redis-cli -u ADDRESS ping answers PONG where all is well.',
    cause,
  });
}

async function within(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
