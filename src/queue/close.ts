import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';

/** What of BullMQ is closed. */
interface Closable {
  close(force?: boolean): Promise<void>;
  disconnect(): Promise<void>;
}

/** Milliseconds for a good end; Redis may be away, and would be waited for. */
const PATIENCE = 1000;

/** Closes what uses a connection, then the connection. */
export async function closeAll(parts: readonly Closable[], redis: Redis): Promise<void> {
  redis.removeAllListeners('close');
  const closed = Promise.all(parts.map((part) => part.close(true)));
  closed.catch(() => undefined);
  await Promise.race([closed, sleep(PATIENCE)]);
  for (const part of parts) part.disconnect().catch(() => undefined);
  redis.disconnect();
}
