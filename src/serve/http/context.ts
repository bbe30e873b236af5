import type { Logger } from 'pino';
import type { Workshop } from '../distort/workshop.js';
import type { EngineProcess } from '../engine/process.js';
import type { Limits } from '../limits.js';
import type { Metrics } from '../metrics.js';
import type { RequestReader } from '../protocol/reader.js';
import type { Queue } from '../queue.js';
import type { Repository } from '../repository.js';
import type { Statistics } from '../statistics.js';
import type { Connections } from './connections.js';

/** What the routes of a server work with. */
export interface ServerContext {
  engine: EngineProcess;
  reader: RequestReader;
  /** Where images are distorted. */
  workshop: Workshop;
  repository: Repository;
  queue: Queue;
  metrics: Metrics;
  statistics: Statistics;
  connections: Connections;
  limits: Limits;
  logger: Logger;
  /** What a client has to send as its bearer token; none: everybody is let in. */
  token?: string;
  /** True once the server shuts down: nothing new is taken. */
  stopping: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token, too. */
    open?: boolean;
    /** Answered while the server shuts down, too. */
    always?: boolean;
  }
}
