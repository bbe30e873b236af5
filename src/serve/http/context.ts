import type { Logger } from 'pino';
import type { Access, Right } from '../access.js';
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
  /** Who may do what. */
  access: Access;
  /** True once the server shuts down: nothing new is taken. */
  stopping: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token, too. */
    open?: boolean;
    /** Rights of which the caller's token needs one. Default: `infer`. */
    rights?: readonly Right[];
    /** Answered while the server shuts down, too. */
    always?: boolean;
  }
}
