import { fail } from '../common/errors.js';

/** Where a queue lies. */
export interface QueueAddress {
  host: string;
  port: number;
  /** Number of Redis' database. */
  database: number;
  username?: string;
  password?: string;
  /** By `rediss:`. */
  tls: boolean;
  /** The address without its password, for messages. */
  text: string;
}

/**
 * Reads `redis://[[USER]:PASSWORD@]HOST[:PORT][/N]`, or `rediss://` for TLS.
 *
 * @throws E_QUEUE_URL
 */
export function parseQueueUrl(text: string, where = '--queue'): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = url && /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  const isRedis = url?.protocol === 'redis:' || url?.protocol === 'rediss:';
  if (!url || !isRedis || database === undefined || url.hostname === '' || url.search !== '' || url.hash !== '') {
    return fail('E_QUEUE_URL', {
      where,
      expected: 'the address of a Redis server, redis://HOST[:PORT]/N',
      got: `"${withoutPassword(text)}"`,
      todo: 'For the first database of a server on this machine: redis://127.0.0.1:6379/0.',
    });
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || 6379),
    database: Number(database || 0),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    tls: url.protocol === 'rediss:',
    text: `${url.protocol}//${url.host}/${Number(database || 0)}`,
  };
}

function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//***@');
}
