import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { join } from 'node:path';
import { Access, RIGHTS } from '../../../src/serve/access.js';
import { Workshop } from '../../../src/serve/distort/workshop.js';
import type { EngineProcess } from '../../../src/serve/engine/process.js';
import { createApp } from '../../../src/serve/http/app.js';
import { Connections } from '../../../src/serve/http/connections.js';
import type { ServerContext } from '../../../src/serve/http/context.js';
import type { FrameRequest, Inference } from '../../../src/serve/inference.js';
import { DEFAULT_LIMITS, type Limits } from '../../../src/serve/limits.js';
import { Metrics } from '../../../src/serve/metrics.js';
import { RequestReader } from '../../../src/serve/protocol/reader.js';
import { Queue, type QueueOptions } from '../../../src/serve/queue.js';
import { Statistics } from '../../../src/serve/statistics.js';
import { type CallEngine } from '../../../src/serve/fetch-network.js';
import { Repository } from '../../../src/serve/repository.js';
import type { RepositoryOptions } from '../../../src/serve/shelf.js';
import { moduleUrl } from '../../support/programs.js';
import { ROOT } from '../../support/sources.js';
import { maskOutput } from './double.js';

/** A server's application in this process, without an engine: every mask is zeros, and streams are noted. */
export interface TestApp {
  app: FastifyInstance;
  context: ServerContext;
  /** Streams of the frames that were inferred, in their order. */
  streams: (string | undefined)[];
  post(
    url: string,
    payload?: InjectOptions['payload'],
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
  metrics(): Promise<string>;
}

/** What an application of a test is made of. */
export interface AppParts {
  limits?: Partial<Limits>;
  token?: string;
  /** The demo's checkpoint without adaptors unless said. */
  folders?: Partial<RepositoryOptions>;
  call: CallEngine;
  run: QueueOptions['run'];
}

/** A server's application in this process, which listens nowhere. */
export async function assembleApp({ token, folders, call, run, ...given }: AppParts): Promise<ServerContext> {
  const limits = { ...DEFAULT_LIMITS, batchDelay: 0, ...given.limits };
  const queue = new Queue({ limits, run });
  queue.open = true;
  const repository = new Repository({ checkpoint: join(ROOT, 'checkpoints/demo'), ...folders }, call);
  await repository.restore();
  return {
    engine: { ready: true, call } as unknown as EngineProcess,
    reader: new RequestReader(limits),
    workshop: new Workshop(moduleUrl('../../../src/serve/distort/entry', import.meta.url)),
    repository,
    queue,
    metrics: new Metrics({
      queueLength: () => queue.length,
      backlog: () => queue.backlog,
      engineReady: () => true,
      broken: () => repository.problems.names,
      versions: () => ({}),
      residentBytes: () => ({}),
    }),
    statistics: new Statistics(),
    connections: new Connections(limits),
    limits,
    logger: pino({ enabled: false }),
    access: new Access(token === undefined ? undefined : [{ token, rights: RIGHTS }]),
    stopping: false,
  };
}

/** @param call what the engine answers, in place of loading nothing at all */
export async function makeApp(limits: Partial<Limits> = {}, call?: CallEngine): Promise<TestApp> {
  const streams: TestApp['streams'] = [];
  const run = async (_model: string, requests: FrameRequest[]): Promise<Inference[]> =>
    requests.map(({ frame, options }) => {
      streams.push(options?.stream);
      const { width, height } = frame instanceof Uint8Array ? { width: 1, height: 1 } : frame;
      const mask = new Uint8Array(width * height);
      const timings = { decode: 0, detect: 0, swap: 0, forward: 0 };
      return {
        outputs: maskOutput(mask, { width, height }),
        mask,
        width,
        height,
        level: 'clean',
        version: 'base',
        confidence: 1,
        source: 'none',
        seen: {},
        timings,
      };
    });
  const outputs = [{ name: 'mask', datatype: 'UINT8', shape: [1, -1, -1] }];
  const described = { task: 'segmentation', outputs, adaptors: [], residentBytes: { base: 0, adaptors: 0 } };
  const load = (async () => described) as unknown as CallEngine;
  const context = await assembleApp({ limits, call: call ?? load, run });
  const app = createApp(context);
  return {
    app,
    context,
    streams,
    post: (url, payload, headers) => app.inject({ method: 'POST', url, payload, headers }),
    metrics: () => context.metrics.registry.metrics(),
  };
}
