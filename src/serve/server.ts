import type { AddressInfo } from 'node:net';
import { pino, type Logger } from 'pino';
import { isBucket } from '../common/bucket.js';
import { GearnnError } from '../common/errors.js';
import { siblingModule } from '../common/sibling-module.js';
import { unpackError } from '../common/wire.js';
import type { EngineOptions } from '../engine/start.js';
import { WHOLE_PIXELS } from '../eval/tiles.js';
import { Access, RIGHTS } from './access.js';
import type { BucketMirror, MirrorEvents } from './bucket/mirror.js';
import { Workshop } from './distort/workshop.js';
import { EngineProcess } from './engine/process.js';
import { isWireError } from './engine/messages.js';
import type { GrpcServer } from './grpc/server.js';
import { createApp } from './http/app.js';
import { Connections } from './http/connections.js';
import type { ServerContext } from './http/context.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import type { Inference } from './inference.js';
import { Mending } from './mending.js';
import { Metrics } from './metrics.js';
import { RequestReader } from './protocol/reader.js';
import { Queue } from './queue.js';
import { Repository } from './repository.js';
import type { RepositoryOptions } from './shelf.js';
import { Statistics } from './statistics.js';
import { followTokens } from './token-file.js';
import { Watching } from './watching.js';
import { timesOf } from './work.js';

export interface ServerOptions extends RepositoryOptions {
  /** How networks are computed. */
  engine?: EngineOptions;
  /** Address to listen on. */
  host?: string;
  /** 0: any that is free. */
  port?: number;
  /** Bearer token that clients have to send; none: everybody is let in. */
  token?: string;
  /** File of tokens with what each allows, in the place of one; it is read again when it changes. */
  tokenFile?: string;
  /** Port of the gRPC service on the same address; 0: any that is free. Default: there is none. */
  grpcPort?: number;
  limits?: Partial<Limits>;
  /** Whether adaptors whose folders appear, change or go while it runs are taken or let go. Default: no. */
  watch?: boolean;
  /** Where structured logs go. Default: nowhere. */
  logger?: Logger;
  /** Module of the engine process; a test may give its own. */
  entry?: URL;
}

/** A server that listens. */
export interface Server {
  /** `http://HOST:PORT` */
  url: string;
  /** Port of the gRPC service, where there is one. */
  grpcPort?: number;
  /** Process id of the engine; undefined while it is being started again. */
  enginePid(): number | undefined;
  /** Takes no new work, answers what it has taken, and ends. */
  close(): Promise<void>;
}

/**
 * Serves a network with its adaptors over HTTP. The network runs in a process of its own, which is started again when it ends.
 *
 * @throws E_USAGE for a folder of further checkpoints that is none; what the engine or the network failed to start with; E_SERVE_LISTEN
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { host = '127.0.0.1', port = 0 } = options;
  const mirror = await openMirror(options);
  const { context, app, mending, watching } = assemble(
    { ...options, adaptors: mirror?.folder ?? options.adaptors },
    mirror,
  );
  const mirroring = mirror && new Watching(() => mirror.look());
  const { engine, queue, repository, connections } = context;
  let grpc: GrpcServer | undefined;
  let tokens: Watching | undefined;
  try {
    tokens = await followTokens(options.tokenFile, context.access, context.logger);
    await mirror?.fill();
    await repository.check();
    await engine.start();
    await app.listen({ host, port }).catch((error: Error) => {
      throw listenError(host, port, error);
    });
    // Loaded here alone: without the option it costs nothing.
    if (options.grpcPort !== undefined) {
      const { startGrpc } = await import('./grpc/server.js');
      grpc = await startGrpc(context, host, options.grpcPort);
    }
    if (options.watch) {
      mirroring?.start();
      watching.start();
    }
  } catch (error) {
    mending.stop();
    tokens?.stop();
    await app.close();
    await engine.stop();
    await mirror?.close();
    throw error;
  }
  const address = app.server.address() as AddressInfo;
  const closing = { done: undefined as Promise<void> | undefined };
  const close = async (): Promise<void> => {
    context.stopping = true;
    context.logger.info({ queued: queue.length }, 'stopping');
    connections.stop();
    mending.stop();
    watching.stop();
    mirroring?.stop();
    tokens?.stop();
    // Whoever waits for an answer has a connection; what runs for nobody ends with its process.
    await Promise.all([app.close(), grpc?.close()]);
    connections.end();
    await Promise.all([engine.stop(), context.workshop.stop(), context.reader.close(), mirror?.close()]);
    context.logger.info('stopped');
  };
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    grpcPort: grpc?.port,
    enginePid: () => engine.pid,
    close: () => (closing.done ??= close()),
  };
}

/** The parts of a server, connected. */
function assemble(
  options: ServerOptions,
  mirror?: BucketMirror,
): {
  context: ServerContext;
  app: ReturnType<typeof createApp>;
  mending: Mending;
  watching: Watching;
} {
  const { token } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const logger = options.logger ?? pino({ enabled: false });
  const engine: EngineProcess = new EngineProcess({
    entry: options.entry ?? siblingModule(import.meta.url, 'engine/entry'),
    engine: options.engine ?? {},
    hang: limits.hang,
    restore: () => repository.restore(),
  });
  const repository: Repository = new Repository(
    loadOptionsOf(options),
    (call, ...parameters) => engine.call(call, ...parameters),
    (name, error) => {
      if (!error) return logger.info({ model: name }, 'loaded again');
      logger.error({ model: name, code: (error as GearnnError).code, reason: error.message }, 'cannot be loaded');
      mending.begin();
    },
    (name, note) => logger.warn({ model: name }, note),
    ({ name, change }) => {
      metrics.adaptorChanged(name, change);
      // A refused one is in the log with its reason already.
      if (change !== 'refused') logger.info({ model: name, version: versions()[name] }, `adaptor ${change}`);
    },
  );
  const versions = (): Record<string, string> =>
    Object.fromEntries(
      repository
        .all()
        .flatMap(({ name, adaptors, version }) => [
          [name, version],
          ...adaptors.map((adaptor) => [`${name}:${adaptor.level}`, adaptor.version] as const),
        ]),
    );
  const watching = new Watching(async () => {
    if (engine.ready) await repository.follow();
  });
  const mending = new Mending(
    () => repository.mend(),
    () => engine.ready,
  );
  const statistics = new Statistics();
  const queue = new Queue({
    // Larger ones run by themselves, so that waiting for each other would gain them nothing.
    limits: { ...limits, pixels: Math.min(limits.pixels, WHOLE_PIXELS) },
    run: async (model, requests, signal) => {
      const began = performance.now();
      const answers = await engine.callFor(signal, 'infer', model, requests).finally(() => {
        metrics.batch(requests.length, (performance.now() - began) / 1000);
      });
      const timed = answers.find((answer) => !isWireError(answer));
      if (timed) statistics.batch(model, requests.length, timesOf((timed as Inference).timings));
      return answers.map((answer) => (isWireError(answer) ? unpackError(answer) : answer));
    },
  });
  const metrics = new Metrics({
    queueLength: () => queue.length,
    backlog: () => queue.backlog,
    engineReady: () => engine.ready,
    broken: () => [
      ...repository.problems.names,
      ...(mirror?.broken.map((folder) => `${repository.main}:${folder}`) ?? []),
    ],
    isBucketReached: mirror && (() => mirror.isReached),
    versions,
    residentBytes: () => residentBytes(repository, engine),
  });
  if (mirror) mirror.events = mirrorEvents(mirror, repository.main, metrics, logger);
  engine.on('ready', () => {
    queue.open = true;
    logger.info({ engine: engine.pid, models: repository.all().map(({ name }) => name) }, 'engine ready');
  });
  engine.on('down', (reason, delay) => {
    queue.open = false;
    metrics.restarted();
    logger.error({ reason, restartInMs: delay }, 'engine down');
  });
  engine.on('line', (text) => logger.info({ from: 'engine' }, text));
  const context: ServerContext = {
    engine,
    reader: new RequestReader(limits),
    workshop: new Workshop(siblingModule(import.meta.url, 'distort/entry')),
    repository,
    queue,
    metrics,
    statistics,
    connections: new Connections(limits),
    limits,
    logger,
    access: new Access(token === undefined ? undefined : [{ token, rights: RIGHTS }]),
    stopping: false,
  };
  return { context, app: createApp(context), mending, watching };
}

/** The bucket that adaptors come from, where they do; loaded here alone. @throws E_CHECKPOINT, E_PIPELINE_STORE */
async function openMirror({ adaptors, checkpoint }: ServerOptions): Promise<BucketMirror | undefined> {
  if (adaptors === undefined || !isBucket(adaptors)) return undefined;
  const { BucketMirror } = await import('./bucket/mirror.js');
  return BucketMirror.open(adaptors, checkpoint);
}

function mirrorEvents({ place }: BucketMirror, network: string, metrics: Metrics, logger: Logger): MirrorEvents {
  return {
    onRefused: (folder, error) => {
      const model = `${network}:${folder}`;
      metrics.adaptorChanged(model, 'refused');
      logger.error({ model, code: (error as GearnnError).code, reason: error.message }, 'cannot be loaded');
    },
    onMended: (folder) => logger.info({ model: `${network}:${folder}` }, 'mended or gone'),
    onReach: (error) => {
      if (error) logger.error({ place, reason: error.message }, 'adaptors stay as they were');
      else logger.info({ place }, 'adaptors are followed again');
    },
  };
}

/** What concerns the networks: only this goes to the engine process. */
function loadOptionsOf(options: ServerOptions): RepositoryOptions {
  const { checkpoint, adaptors, models, reference, calibrate, size, tile, calibration } = options;
  return { checkpoint, adaptors, models, reference, calibrate, size, tile, calibration };
}

function residentBytes(repository: Repository, engine: EngineProcess): Record<string, number> {
  const sizes = repository.all().map((description) => description.residentBytes);
  const sum = (part: 'base' | 'adaptors'): number => sizes.reduce((total, size) => total + size[part], 0);
  return { base: sum('base'), adaptors: sum('adaptors'), engine: engine.resident, server: process.memoryUsage.rss() };
}

function listenError(host: string, port: number, cause: Error): GearnnError {
  return new GearnnError('E_SERVE_LISTEN', {
    where: `${host}:${port}`,
    expected: 'an address and port that are free to listen on',
    got: (cause as NodeJS.ErrnoException).code ?? cause.message,
    todo: 'Choose another with --port or --host; --port 0 takes any that is free.',
    cause,
  });
}
