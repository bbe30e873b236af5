import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { ERROR_CODES } from '../../../src/common/errors.js';
import { unpackError } from '../../../src/common/wire.js';
import { handlersOf, type RunnerKind } from '../../../src/serve/engine/host.js';
import { isWireError } from '../../../src/serve/engine/messages.js';
import type { CallEngine } from '../../../src/serve/fetch-network.js';
import { createApp } from '../../../src/serve/http/app.js';
import type { ServerContext } from '../../../src/serve/http/context.js';
import type { QueueOptions } from '../../../src/serve/queue.js';
import { type Server, type ServerOptions, startServer } from '../../../src/serve/server.js';
import { moduleUrl } from '../../support/programs.js';
import { ROOT } from '../../support/sources.js';
import { assembleApp } from './app.js';
import { doubleKind } from './double.js';

/** The module of the engine process in whose place tests that need no network put theirs. */
export const DOUBLE = moduleUrl('./double-entry', import.meta.url);

/** A running server of a test, with what it is called by. */
export interface TestServer extends Server {
  /** Folder of the adaptors, a copy of some of the demo's. */
  adaptors: string;
  get(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body?: BodyInit | object, headers?: Record<string, string>): Promise<Response>;
  /** An inference in JSON of pixels of one gray value, 2 x 2. */
  infer(value: number, parameters?: object, size?: [height: number, width: number]): Promise<Response>;
}

/** What a test calls a server by, and the folder of its adaptors. */
export type TestClient = Pick<TestServer, 'adaptors' | 'get' | 'post' | 'infer'>;

/** What the running suite has started, and its folders. */
const started: { close(): Promise<unknown>; folder: string }[] = [];

/** Stops what a test or suite has started: its `afterEach` or `after`. */
export async function stopAll(): Promise<void> {
  for (const { close, folder } of started.splice(0)) {
    await close();
    await rm(folder, { recursive: true });
  }
}

/** A folder of its own with the double's adaptors. */
async function makeAdaptors(): Promise<{ folder: string; adaptors: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-serve-'));
  const adaptors = join(folder, 'adaptors');
  await mkdir(adaptors);
  for (const level of ['jpeg=5', 'jpeg=10'])
    await cp(join(ROOT, 'checkpoints/demo/adaptors', level), join(adaptors, level), { recursive: true });
  return { folder, adaptors };
}

type DoubleOptions = Pick<ServerOptions, 'limits' | 'token' | 'models'>;

/** As {@link startDouble}, in this process: no socket and no engine process, for tests of neither. */
export async function openDouble(options: DoubleOptions = {}): Promise<TestClient> {
  const { app, adaptors } = await openDoubleApp(options);
  return { adaptors, ...clientBy((path, init) => inject(app, path, init)) };
}

/** The parts of {@link openDouble}, for tests that talk to it by other means. */
export async function openDoubleApp({ limits, token, ...folders }: DoubleOptions = {}): Promise<{
  context: ServerContext;
  app: FastifyInstance;
  adaptors: string;
}> {
  const { folder, adaptors } = await makeAdaptors();
  const call = callInTurn(doubleKind);
  const run: QueueOptions['run'] = async (model, requests) => {
    context.metrics.batch(requests.length, 0);
    const answers = await call('infer', model, requests);
    return answers.map((answer) => (isWireError(answer) ? unpackError(answer) : answer));
  };
  const context = await assembleApp({ limits, token, folders: { adaptors, ...folders }, call, run });
  const app = createApp(context);
  const close = (): Promise<unknown> => Promise.all([app.close(), context.workshop.stop(), context.reader.close()]);
  started.push({ close, folder });
  return { context, app, adaptors };
}

/** An engine in this process, which answers its calls one after the other, as the process does. */
function callInTurn(kind: RunnerKind): CallEngine {
  const handlers = handlersOf(kind);
  let last: Promise<unknown> = Promise.resolve();
  return (name, ...parameters) => {
    const answer = last.then(() => (handlers[name] as (...all: unknown[]) => never)({}, ...parameters));
    last = answer.catch(() => {});
    return answer;
  };
}

async function inject(
  app: FastifyInstance,
  url: string,
  { method = 'GET', headers, body }: RequestInit = {},
): Promise<Response> {
  const payload = body instanceof Uint8Array ? Buffer.from(body) : (body as string | undefined);
  const {
    statusCode,
    rawPayload,
    headers: answered,
  } = await app.inject({
    method: method as 'GET',
    url,
    payload,
    headers: Object.fromEntries(new Headers(headers)),
  });
  const given = Object.entries(answered).map(([name, value]): [string, string] => [name, String(value)]);
  return new Response(rawPayload.length > 0 ? new Uint8Array(rawPayload) : null, {
    status: statusCode,
    headers: given,
  });
}

/** Starts a server on a free port of loopback whose network is the double `demo`, with adaptors for jpeg=5 and jpeg=10. */
export async function startDouble(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const { folder, adaptors } = await makeAdaptors();
  const checkpoint = join(ROOT, 'checkpoints/demo');
  try {
    const server = await startServer({ checkpoint, adaptors, entry: DOUBLE, ...options });
    started.push({ close: () => server.close(), folder });
    return { ...server, adaptors, ...clientOf(server.url) };
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

/** Calls by which tests talk to a server. */
export function clientOf(url: string): Pick<TestServer, 'get' | 'post' | 'infer'> {
  return clientBy((path, init) => fetch(url + path, init));
}

function clientBy(get: TestServer['get']): Pick<TestServer, 'get' | 'post' | 'infer'> {
  const post: TestServer['post'] = (path, body, headers) => {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    return get(path, { method: 'POST', body: raw ? (body as BodyInit) : JSON.stringify(body), headers });
  };
  return {
    get,
    post,
    infer: (value, parameters, [height, width] = [2, 2]) =>
      post('/v2/models/demo/infer', {
        parameters,
        inputs: [
          {
            name: 'pixels',
            datatype: 'UINT8',
            shape: [1, height, width, 3],
            data: Array<number>(height * width * 3).fill(value),
          },
        ],
      }),
  };
}

/** Expects the form that every error has, with a status and a code. */
export async function expectError(response: Response, status: number, code: string, ...texts: string[]): Promise<void> {
  const body = (await response.json()) as { error: string; code: string };
  expect([response.status, body.code], body.error).to.deep.equal([status, code]);
  expect(Object.keys(body)).to.include.members(['error', 'code']);
  expect(Object.keys(ERROR_CODES)).to.include(body.code);
  for (const text of texts) expect(body.error).to.contain(text);
}

/** The answer to an inference in JSON. */
export interface InferAnswer {
  id?: string;
  model_name: string;
  parameters: { level: string; version: string; confidence: number; sequence_id?: string | number };
  outputs: { name: string; datatype: string; shape: number[]; data: number[] }[];
}

/** The mask of a JSON answer; fails on anything but status 200. */
export async function answerOf(response: Response): Promise<InferAnswer> {
  const body = (await response.json()) as InferAnswer & { error?: string };
  expect(response.status, body.error).to.equal(200);
  return body;
}

/** Waits until so many frames wait for the engine. */
export async function waitForQueue(server: Pick<TestServer, 'get'>, length: number): Promise<void> {
  while ((await queueLength(server)) !== length) await pass(10);
}

async function queueLength(server: Pick<TestServer, 'get'>): Promise<number> {
  const text = await (await server.get('/metrics')).text();
  return Number(/^gearnn_queue_length (\d+)$/m.exec(text)![1]);
}

/** Milliseconds that a test lets pass, where there is no event to wait for. */
export function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
