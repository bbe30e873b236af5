import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { fail } from '../src/common/errors.js';
import type { TileChoice } from '../src/eval/tile-memory.js';
import { DEFAULT_LIMITS, type Limits } from '../src/serve/limits.js';
import { withContext, type Context } from './context.js';
import {
  addCalibrationOptions,
  addAutoEngineOptions,
  addExamples,
  addLevelOptions,
  calibrationOf,
  type CalibrationFlags,
  decimal,
  integer,
  type AutoEngineFlags,
  type LevelFlags,
} from './options.js';
import { summary } from './output.js';
import { writeTo } from './streams.js';
import { maxPixelsOption, tileOption } from './large-options.js';

interface Options extends AutoEngineFlags, LevelFlags, CalibrationFlags {
  checkpoint: string;
  adaptors?: string | false;
  models?: string;
  watch?: boolean;
  host: string;
  port: number;
  grpcPort?: number;
  tokenFile?: string;
  logLevel: string;
  maxBody?: number;
  maxPixels?: number;
  tile?: TileChoice;
  maxQueue?: number;
  maxBatch?: number;
  batchDelay?: number;
  deadline?: number;
  maxConnections?: number;
  transferTimeout?: number;
  stopTimeout?: number;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'];
/** Seconds; a timer of more would fire at once. */
const LONGEST = 2_147_483;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** `gearnn serve` */
export function register(program: Command): void {
  const command = program
    .command('serve')
    .description('answer images over HTTP, each with the adaptor of its own level')
    .requiredOption('--checkpoint <dir>', 'the base network; its folder is its name in addresses')
    .option(
      '--adaptors <dir>',
      "its adaptors, one folder per level, or s3://BUCKET/PREFIX (default: the checkpoint's own, in its folder adaptors)",
    )
    .option('--no-adaptors', 'the network alone')
    .option('--models <dir>', 'folder of further checkpoints, which clients may load by name')
    .option('--watch', 'take adaptors whose folders appear or change while it runs, and let go those whose folders go')
    .addOption(new Option('--port <n>', 'port; 0 takes any that is free').default(8080).argParser(integer('--port', 0)))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option(
        '--grpc-port <n>',
        'port of the same protocol over gRPC; 0 takes any that is free (default: none)',
      ).argParser(integer('--grpc-port', 0)),
    )
    .option(
      '--token-file <file>',
      'file with the bearer token that clients have to send, or with lines of what a token allows and the token: infer,admin,metrics TOKEN',
    );
  addCalibrationOptions(command);
  addLevelOptions(command);
  addLimits(command);
  addAutoEngineOptions(command);
  command.addOption(
    new Option('--log-level <level>', 'log only what is at least this severe').choices(LOG_LEVELS).default('info'),
  );
  command.action(withContext(serve));
  addExamples(
    command,
    'gearnn serve --checkpoint checkpoints/demo --adaptors checkpoints/demo/adaptors --port 8080',
    'gearnn serve --checkpoint checkpoints/demo --adaptors checkpoints/demo/adaptors --host 0.0.0.0 --token-file token.txt',
    'curl --data-binary @photo.jpg "http://127.0.0.1:8080/v1/segment" --output mask.png',
  );
}

function addLimits(command: Command): void {
  const limit = (flag: string, description: string, least = 1): void => {
    command.addOption(new Option(flag, description).argParser(integer(flag.split(' ')[0]!, least)));
  };
  limit('--max-body <bytes>', 'longest request that is read (default: 32 MiB)');
  command.addOption(maxPixelsOption().default(DEFAULT_LIMITS.pixels)).addOption(tileOption('auto'));
  limit('--max-queue <n>', 'most requests that wait (default: 64)');
  limit('--max-batch <n>', 'most frames of one size that run together (default: 4)');
  limit('--batch-delay <ms>', 'longest wait of a frame for others to run with (default: 2)', 0);
  const seconds = (flag: string, description: string): void => {
    command.addOption(new Option(`${flag} <s>`, description).argParser(decimal(flag, 0.001, LONGEST)));
  };
  seconds('--deadline', 'seconds within which a request is answered (default: 30)');
  limit('--max-connections <n>', 'most connections that are open at a time (default: 1000)');
  seconds('--transfer-timeout', 'seconds for a request to arrive, and for its answer to be taken (default: 60)');
  seconds('--stop-timeout', 'seconds after SIGTERM to answer accepted requests in (default: 35)');
}

async function serve(context: Context, options: Options): Promise<void> {
  const { checkpoint, models, host, reference, calibrate, size } = options;
  const { engine, precision, threads, logLevel } = options;
  const port = checkPort(options.port, '--port');
  const grpcPort = options.grpcPort === undefined ? undefined : checkPort(options.grpcPort, '--grpc-port');
  const { tokenFile } = options;
  if (tokenFile === undefined && !LOOPBACK.test(host))
    context.note(
      `warning: --host ${host} lets everybody who reaches this machine use the server; --token-file closes it.`,
    );
  const adaptors = adaptorsOf(options);
  if (options.watch) checkWatched(adaptors, models);
  const { pino } = (await import('pino')).default;
  const { startTelemetry } = await import('./telemetry.js');
  // Before the server: what measures it asks once where its figures go.
  const stopTelemetry = await startTelemetry(context);
  const { startServer } = await import('../src/serve/server.js');
  const server = await startServer({
    checkpoint,
    adaptors,
    models,
    watch: options.watch,
    host,
    port,
    tokenFile,
    grpcPort,
    reference,
    calibrate,
    tile: options.tile,
    calibration: calibrationOf(options),
    size: size && { height: size[0], width: size[1] },
    limits: limitsOf(options),
    engine: { engine, precision, threads, verbose: context.verbose },
    logger: pino({ level: logLevel }, { write: (line) => writeTo('err', line, 'message') }),
  });
  summary(`listening on ${server.url}`);
  if (server.grpcPort !== undefined) summary(`gRPC on port ${server.grpcPort}`);
  // Not before: until it listens there is nothing to answer, and a signal ends it at once.
  const signal = context.interruptible(
    undefined,
    'Stopping: answering what has come, taking nothing new; press Ctrl-C again to quit at once.',
    (options.stopTimeout ?? DEFAULT_LIMITS.stop) + 5,
  );
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await server.close();
  await stopTelemetry();
}

/** The limits that were given; what was not keeps its default. */
function limitsOf(options: Options): Partial<Limits> {
  const { maxBody, maxPixels, maxQueue, maxBatch, batchDelay, deadline } = options;
  const { maxConnections: connections, transferTimeout: transfer, stopTimeout: stop } = options;
  const times = { deadline, transfer, stop };
  const given = {
    body: maxBody,
    pixels: maxPixels,
    queue: maxQueue,
    batch: maxBatch,
    batchDelay,
    connections,
    ...times,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** @throws E_USAGE where there is nothing to watch */
function checkWatched(adaptors: string | undefined, models: string | undefined): void {
  if (adaptors !== undefined || models !== undefined) return;
  fail('E_USAGE', {
    where: '--watch',
    expected: 'a folder of adaptors',
    got: 'a network without one',
    todo: 'Give --adaptors DIR; it may be empty.',
  });
}

function checkPort(port: number, where: string): number {
  if (port > 65_535) fail('E_USAGE', { where, expected: 'a port from 0 to 65535', got: String(port) });
  return port;
}

/** The folder that is given, or the checkpoint's own where it has one. */
function adaptorsOf({ checkpoint, adaptors }: Options): string | undefined {
  const own = join(checkpoint, 'adaptors');
  return adaptors === false ? undefined : (adaptors ?? (existsSync(own) ? own : undefined));
}
