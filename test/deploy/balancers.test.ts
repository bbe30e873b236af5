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

    beforeEach(async function () {
      const program = requireTool(this, name);
      [http, grpc] = [await freePort(), await freePort()];
      backends = [await startBackend(), await startBackend()];
      balancer = await startBalancer(name, program, { http, grpc, servers: backends.map(({ ports }) => ports) });
      // HAProxy sends nothing to a server before its first check.
      await pass(1500);
    });
    afterEach(async () => {
      await balancer?.end();
      for (const backend of backends.splice(0)) await backend.grpc.close();
      await stopAll();
    });

    /** Number of its camera's frames that the answering server has had, this one among them. */
    const frame = async (camera: string, byQuery = false): Promise<number> => {
      const inputs = [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 2, 3] }];
      const parameters = byQuery ? { sequence_id: camera } : undefined;
      const response = await fetch(
        `http://127.0.0.1:${http}/v2/models/demo/infer${byQuery ? `?sequence_id=${encodeURIComponent(camera)}` : ''}`,
        {
          method: 'POST',
          body: JSON.stringify({ inputs, parameters }),
          headers: byQuery ? {} : { 'x-gearnn-sequence': camera },
        },
      );
      const text = await response.text();
      expect(response.status, text).to.equal(200);
      return (JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]!.data[0]!;
    };
    const frames = (): Promise<number[]> => Promise.all(CAMERAS.map((camera) => frame(camera)));
    const inferred = (): number[] => backends.map(({ context }) => context.statistics.of('demo').inference_count);

    it('a camera stays with one server, by its header or by its query, and both have some; frames of none are spread', async () => {
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

    it('while a server drains, and after it has gone, every frame is answered; only its own cameras move', async () => {
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

    it('gRPC goes to the same server for a camera, and to the other one when that is gone', async () => {
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

async function startBackend(): Promise<Backend> {
  const { context, app } = await openDoubleApp();
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
