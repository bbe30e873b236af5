import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ERROR_CODES } from '../../../src/common/errors.js';
import { type Server, type ServerOptions, startServer } from '../../../src/serve/server.js';
import { moduleUrl } from '../../support/programs.js';
import { ROOT } from '../../support/sources.js';

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

/** Servers that the running suite has started, and their folders. */
const started: { server: Server; folder: string }[] = [];

/** Stops what a test or suite has started: its `afterEach` or `after`. */
export async function stopAll(): Promise<void> {
  for (const { server, folder } of started.splice(0)) {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

/** Starts a server on a free port of loopback whose network is the double `demo`, with adaptors for jpeg=5 and jpeg=10. */
export async function startDouble(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-serve-'));
  const adaptors = join(folder, 'adaptors');
  await mkdir(adaptors);
  for (const level of ['jpeg=5', 'jpeg=10'])
    await cp(join(ROOT, 'checkpoints/demo/adaptors', level), join(adaptors, level), { recursive: true });
  const checkpoint = join(ROOT, 'checkpoints/demo');
  try {
    const server = await startServer({ checkpoint, adaptors, entry: DOUBLE, ...options });
    started.push({ server, folder });
    return { ...server, adaptors, ...clientOf(server.url) };
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

/** Calls by which tests talk to a server. */
export function clientOf(url: string): Pick<TestServer, 'get' | 'post' | 'infer'> {
  const get: TestServer['get'] = (path, init) => fetch(url + path, init);
  const post: TestServer['post'] = (path, body, headers) => {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    return fetch(url + path, { method: 'POST', body: raw ? (body as BodyInit) : JSON.stringify(body), headers });
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
  parameters: { level: string; confidence: number; sequence_id?: string | number };
  outputs: { name: string; datatype: string; shape: number[]; data: number[] }[];
}

/** The mask of a JSON answer; fails on anything but status 200. */
export async function answerOf(response: Response): Promise<InferAnswer> {
  const body = (await response.json()) as InferAnswer & { error?: string };
  expect(response.status, body.error).to.equal(200);
  return body;
}

/** Waits until so many frames wait for the engine. */
export async function waitForQueue(server: TestServer, length: number): Promise<void> {
  while ((await queueLength(server)) !== length) await pass(10);
}

async function queueLength(server: TestServer): Promise<number> {
  const text = await (await server.get('/metrics')).text();
  return Number(/^gearnn_queue_length (\d+)$/m.exec(text)![1]);
}

/** Milliseconds that a test lets pass, where there is no event to wait for. */
export function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
