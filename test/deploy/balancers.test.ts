import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { freePort } from '../../bench/queue/redis.js';
import { type Balancer, type BalancerName, startBalancer } from '../../bench/serve/balancers.js';
import { SERVICE } from '../../src/serve/grpc/calls.js';
import { decode, encode } from '../../src/serve/grpc/messages.js';
import { type GrpcServer, startGrpc } from '../../src/serve/grpc/server.js';
import type { ServerContext } from '../../src/serve/http/context.js';
import type { Limits } from '../../src/serve/limits.js';
import { openDoubleApp, pass, stopAll } from '../serve/support/server.js';
import { requireTool } from '../support/tools.js';

/** Cameras; the double answers a frame of one by how many of its frames that server has had. */
const CAMERAS = Array.from({ length: 24 }, (_, i) => `count:${i}`);

interface Backend {
  context: ServerContext;
  app: FastifyInstance;
  grpc: GrpcServer;
  ports: [http: number, grpc: number];
}

for (const name of ['nginx', 'haproxy'] as const satisfies BalancerName[]) {
  describe(`deploy: two servers behind ${name}`, () => {
    let balancer: Balancer | undefined;
    let backends: Backend[] = [];
    let [http, grpc] = [0, 0];

    /** Frames that keep a server's engine busy until the test is over. */
    let occupying = new AbortController();

    const start = async (program: string, limits?: Partial<Limits>): Promise<void> => {
      [http, grpc] = [await freePort(), await freePort()];
      backends = [await startBackend(limits), await startBackend(limits)];
      occupying = new AbortController();
      balancer = await startBalancer(name, program, { http, grpc, servers: backends.map(({ ports }) => ports) });
      // HAProxy sends nothing to a server before its first check.
      await pass(1500);
    };
    afterEach(async () => {
      occupying.abort();
      await balancer?.end();
      for (const backend of backends.splice(0)) await backend.grpc.close();
      await stopAll();
    });

    const send = (camera: string, byQuery = false, port = http, signal?: AbortSignal): Promise<Response> => {
      const inputs = [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 2, 3] }];
      const parameters = byQuery ? { sequence_id: camera } : undefined;
      return fetch(
        `http://127.0.0.1:${port}/v2/models/demo/infer${byQuery ? `?sequence_id=${encodeURIComponent(camera)}` : ''}`,
        {
          method: 'POST',
          body: JSON.stringify({ inputs, parameters }),
          headers: byQuery ? {} : { 'x-gearnn-sequence': camera },
          signal,
        },
      );
    };
    /** Number of its camera's frames that the answering server has had, this one among them. */
    const frame = async (camera: string, byQuery = false): Promise<number> => {
      const response = await send(camera, byQuery);
      const text = await response.text();
      expect(response.status, text).to.equal(200);
      return (JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]!.data[0]!;
    };
    const frames = (): Promise<number[]> => Promise.all(CAMERAS.map((camera) => frame(camera)));
    const inferred = (): number[] => backends.map(({ context }) => context.statistics.of('demo').inference_count);

    it('a camera stays with one server, by its header or by its query, and both have some; frames of none are spread', async function () {
      await start(requireTool(this, name));
      for (const count of [1, 2, 3]) expect(new Set(await frames())).to.deep.equal(new Set([count]));
      // By its query a camera is another one: there its name is percent-encoded.
      for (const count of [1, 2, 3])
        expect(new Set(await Promise.all(CAMERAS.map((camera) => frame(`${camera}q`, true))))).to.deep.equal(new Set([count])); // prettier-ignore
      const before = inferred();
      for (const count of before) expect(count).to.be.above(6);
      const inputs = [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 2, 3] }];
      for (let i = 0; i < 24; i++)
        await fetch(`http://127.0.0.1:${http}/v2/models/demo/infer`, {
          method: 'POST',
          body: JSON.stringify({ inputs }),
        });
      inferred().forEach((count, i) => expect(count).to.be.above(before[i]!));
    });

    it('while a server drains, and after it has gone, every frame is answered; only its own cameras move', async function () {
      await start(requireTool(this, name));
      await frames();
      const [first, second] = backends as [Backend, Backend];
      const own = first.context.statistics.of('demo').inference_count;
      first.context.stopping = true;
      const draining = await frames();
      expect(draining.filter((count) => count === 1)).to.have.length(own);
      expect(draining.filter((count) => count === 2)).to.have.length(CAMERAS.length - own);
      await first.app.close();
      for (const count of [2, 3, 4]) {
        const moved = (await frames()).map((one, i) => (draining[i] === 1 ? one : one - 1));
        expect(new Set(moved)).to.deep.equal(new Set([count]));
      }
      expect(second.context.statistics.of('demo').inference_count).to.equal(5 * CAMERAS.length - own);
    });

    /** Has a server's engine work on a frame for longer than the test takes, while so many more wait. */
    const occupy = async ({ context, ports: [port] }: Backend, waiting: number): Promise<void> => {
      void send('sleep:60000', false, port, occupying.signal).catch(() => {});
      // It runs by itself: the next one begins to wait.
      while (context.queue.backlog === 0 || context.queue.length > 0) await pass(5);
      for (let i = 0; i < waiting; i++) void send(`waits:${i}`, false, port, occupying.signal).catch(() => {});
      while (context.queue.length < waiting) await pass(5);
    };
    const statusesOf = async ({ context }: Backend, status: number): Promise<number> => {
      const line = `gearnn_requests_total{route="/v2/models/:model/infer",method="POST",status="${status}"} `;
      const text = await context.metrics.registry.metrics();
      return Number(
        text
          .split('\n')
          .find((one) => one.startsWith(line))
          ?.slice(line.length) ?? 0,
      );
    };

    it('a full queue (503) sends the frame to the other server; where both are full the client hears so, and when to come back', async function () {
      await start(requireTool(this, name), { queue: 1, batch: 1 });
      for (const camera of CAMERAS) await frame(camera);
      const own = backends[0]!.context.statistics.of('demo').inference_count;
      expect(own)
        .to.be.above(4)
        .and.below(CAMERAS.length - 4);
      await occupy(backends[0]!, 1);
      const counts: number[] = [];
      for (const camera of CAMERAS) counts.push(await frame(camera));
      expect(counts.filter((count) => count === 1)).to.have.length(own);
      expect(counts.filter((count) => count === 2)).to.have.length(CAMERAS.length - own);
      expect(await statusesOf(backends[0]!, 503)).to.equal(own);
      await occupy(backends[1]!, 1);
      const response = await send(CAMERAS[0]!);
      expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '1']);
      for (const backend of backends) expect(await statusesOf(backend, 503)).to.be.above(0);
    });

    it('a deadline that passes (504) sends the frame to the other server', async function () {
      await start(requireTool(this, name), { deadline: 2, batch: 1 });
      await frames();
      const own = backends[0]!.context.statistics.of('demo').inference_count;
      await occupy(backends[0]!, 0);
      const counts = await frames();
      expect(counts.filter((count) => count === 1)).to.have.length(own);
      expect(counts.filter((count) => count === 2)).to.have.length(CAMERAS.length - own);
      // And the frame that occupies it, which has a deadline, too.
      expect(await statusesOf(backends[0]!, 504)).to.equal(own + 1);
      expect(await statusesOf(backends[1]!, 504)).to.equal(0);
    });

    it('gRPC goes to the same server for a camera, and to the other one when that is gone', async function () {
      await start(requireTool(this, name));
      const client = new Client(`127.0.0.1:${grpc}`, credentials.createInsecure());
      const call = (camera: string): Promise<number> => callBy(client, camera);
      for (const count of [1, 2]) expect(new Set(await Promise.all(CAMERAS.map(call)))).to.deep.equal(new Set([count]));
      for (const count of inferred()) expect(count).to.be.above(4);
      await backends[0]!.grpc.close();
      const after = await Promise.all(CAMERAS.map(call));
      expect(new Set(after)).to.deep.equal(new Set([1, 3]));
      client.close();
    });
  });
}

async function startBackend(limits?: Partial<Limits>): Promise<Backend> {
  const { context, app } = await openDoubleApp({ limits });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const grpc = await startGrpc(context, '127.0.0.1', 0);
  return { context, app, grpc, ports: [(app.server.address() as AddressInfo).port, grpc.port] };
}

function callBy(client: Client, camera: string): Promise<number> {
  const request = encode('ModelInferRequest', {
    modelName: 'demo',
    inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3] }],
    rawInputContents: [Buffer.alloc(3)],
  });
  const metadata = new Metadata();
  metadata.set('x-gearnn-sequence', camera);
  const bytes = (value: Buffer): Buffer => value;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(`${SERVICE}/ModelInfer`, bytes, bytes, request, metadata, (error, answer) => {
      if (error) return reject(error);
      const { rawOutputContents } = decode<{ rawOutputContents: Buffer[] }>('ModelInferResponse', answer!);
      resolve(rawOutputContents[0]![0]!);
    });
  });
}
