import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodePng } from '../../src/image/encode.js';
import { SERVICE } from '../../src/serve/grpc/calls.js';
import { decode, encode } from '../../src/serve/grpc/messages.js';
import { type GrpcServer, startGrpc } from '../../src/serve/grpc/server.js';
import type { ServerContext } from '../../src/serve/http/context.js';
import { ROOT } from '../support/sources.js';
import { requireTool } from '../support/tools.js';
import { openDoubleApp, pass, stopAll } from './support/server.js';

const execute = promisify(execFile);
const bytes = (value: Buffer): Buffer => value;

describe('serve: gRPC', () => {
  let context: ServerContext;
  let server: GrpcServer;
  let client: Client;

  const open = async (options: Parameters<typeof openDoubleApp>[0] = {}): Promise<void> => {
    ({ context } = await openDoubleApp(options));
    server = await startGrpc(context, '127.0.0.1', 0);
    client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  };
  afterEach(async () => {
    client.close();
    await server.close();
    await stopAll();
  });

  const call = (method: string, request: Buffer, token?: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const metadata = new Metadata();
      if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
      client.makeUnaryRequest(`${SERVICE}/${method}`, bytes, bytes, request, metadata, (error, answer) =>
        error ? reject(error) : resolve(answer!),
      );
    });
  const infer = (sequence: string, token?: string): Promise<Buffer> =>
    call('ModelInfer', inferRequest(sequence), token);
  const failureOf = (promise: Promise<unknown>): Promise<ServiceError> =>
    promise.then(
      () => {
        throw new Error('no failure');
      },
      (error: ServiceError) => error,
    );

  it('answers tritonclient: health, metadata, config, statistics, BYTES, UINT8, FP32, contents, streams, the repository', async function () {
    const python = requireTool(this, 'tritonclient.grpc');
    await open();
    const folder = await mkdtemp(join(tmpdir(), 'gearnn-grpc-'));
    const png = await encodePng({ data: new Uint8Array(6).fill(9), width: 2, height: 1, channels: 3 });
    await writeFile(join(folder, 'image.png'), png);
    const sum = png.reduce((total, byte) => (total + byte) & 255, 0);
    const script = join(ROOT, 'test/serve/support/triton_grpc_client.py');
    const { stdout } = await execute(python, [script, `127.0.0.1:${server.port}`, join(folder, 'image.png')]);
    await rm(folder, { recursive: true });
    const answers = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(answers['health']).to.deep.equal([true, true, true]);
    expect(answers['server']).to.deep.include({ name: 'gearnn' });
    expect(answers['metadata']).to.deep.include({
      name: 'demo',
      versions: ['1'],
      platform: 'gearnn_double',
      outputs: [{ name: 'mask', datatype: 'UINT8', shape: ['1', '-1', '-1'] }],
    });
    expect(answers['config']).to.deep.include({ name: 'demo', backend: 'gearnn' });
    expect(answers['config']!['input']).to.deep.equal([
      { name: 'image', data_type: 'TYPE_STRING', dims: ['1'], optional: true },
      { name: 'pixels', data_type: 'TYPE_UINT8', dims: ['1', '-1', '-1', '3'], optional: true },
    ]);
    expect(answers['bytes']).to.deep.include({ id: 'r1', type: 'uint8', mask: [[[sum, sum]]] });
    const red = [[[0, 3, 6], [9, 12, 15]]]; // prettier-ignore
    for (const title of ['pixels', 'floats', 'gzip', 'wanted'])
      expect(answers[title]!['mask'], title).to.deep.equal(red);
    expect(answers['bytes']!['parameters']).to.deep.include({ sequence_id: '9223372036854775807' });
    expect(answers['pixels']!['parameters']).to.deep.include({ level: 'jpeg=10', confidence: 1, sequence_id: 'gate' });
    expect(answers['uint contents']).to.deep.equal(red.flat(2));
    expect(answers['bytes contents']).to.deep.equal([sum, sum]);
    // In their order, the wrong one in its place.
    const stream = answers['stream'] as unknown as ([string, number] | string)[];
    expect(stream[7]).to.match(/^E_DISTORT_LEVEL /);
    const ids = stream.map((one, i) => (typeof one === 'string' ? String(i) : one[0]));
    expect(ids).to.deep.equal(Array.from({ length: 20 }, (_, i) => String(i)));
    const counts = stream.flatMap((one) => (typeof one === 'string' ? [] : [one[1]]));
    expect(counts).to.deep.equal(Array.from({ length: 19 }, (_, i) => i + 1));
    // Five calls of the client, two of contents, and nineteen of the stream.
    expect(answers['statistics']).to.deep.include({ name: 'demo', version: '1', inference_count: '26' });
    expect(answers['unloaded']).to.deep.equal(['UNAVAILABLE']);
    const failures = answers['failures'] as unknown as Record<string, [string, string]>;
    expect(Object.fromEntries(Object.entries(failures).map(([name, [code]]) => [name, code]))).to.deep.equal({
      level: 'StatusCode.INVALID_ARGUMENT',
      shape: 'StatusCode.INVALID_ARGUMENT',
      model: 'StatusCode.NOT_FOUND',
      version: 'StatusCode.NOT_FOUND',
      timeout: 'StatusCode.DEADLINE_EXCEEDED',
      'shared memory': 'StatusCode.UNIMPLEMENTED',
    });
  });

  it('the token counts as over HTTP; health needs none', async () => {
    await open({ token: 's3cret' });
    expect(decode('ServerLiveResponse', await call('ServerLive', Buffer.alloc(0)))).to.deep.equal({ live: true });
    expect((await failureOf(infer('a'))).code).to.equal(status.UNAUTHENTICATED);
    const wrong = await failureOf(infer('a', 'wrong'));
    expect([wrong.code, wrong.metadata.get('x-gearnn-code')]).to.deep.equal([status.UNAUTHENTICATED, ['E_SERVE_AUTH']]);
    await infer('a', 's3cret');
    context.access.replace([{ token: 'figures', rights: ['metrics'] }]);
    expect((await failureOf(infer('a', 'figures'))).code).to.equal(status.PERMISSION_DENIED);
    expect((await failureOf(infer('a', 's3cret'))).code).to.equal(status.UNAUTHENTICATED);
  });

  it('a full queue is UNAVAILABLE with when to come back, one queue for both protocols', async () => {
    await open({ limits: { queue: 1, batch: 1 } });
    const first = infer('sleep:500');
    while (context.queue.length > 0) await pass(5);
    const second = infer('b');
    while (context.queue.length === 0) await pass(5);
    const { code, metadata } = await failureOf(infer('c'));
    expect(code).to.equal(status.UNAVAILABLE);
    expect([metadata.get('x-gearnn-code'), metadata.get('retry-after')]).to.deep.equal([['E_SERVE_BUSY'], ['1']]);
    await Promise.all([first, second]);
    const figures = await context.metrics.registry.metrics();
    expect(figures).to.contain(`gearnn_requests_total{route="${SERVICE}/ModelInfer",method="gRPC",status="200"} 2`);
    expect(figures).to.contain(`gearnn_requests_total{route="${SERVICE}/ModelInfer",method="gRPC",status="503"} 1`);
  });

  it('what is damaged or too large is refused, and other calls go on', async () => {
    await open({ limits: { body: 1000 } });
    expect((await failureOf(call('ModelInfer', Buffer.from([0xff, 0xff])))).code).to.equal(status.INVALID_ARGUMENT);
    expect((await failureOf(call('ModelInfer', Buffer.alloc(2000)))).code).to.equal(status.RESOURCE_EXHAUSTED);
    await infer('a');
  });

  it('a shutdown answers what was taken, streams too, and takes nothing more', async () => {
    await open();
    const stream = client.makeBidiStreamRequest(`${SERVICE}/ModelStreamInfer`, bytes, bytes);
    const heard: Buffer[] = [];
    stream.on('data', (answer: Buffer) => heard.push(answer));
    const ended = new Promise((resolve) => stream.on('end', resolve));
    stream.write(inferRequest('sleep:300'));
    const taken = infer('sleep:300');
    while (context.statistics.of('demo').inference_count === 0 && context.queue.backlog === 0) await pass(5);
    await pass(100);
    context.stopping = true;
    const closed = server.close();
    await Promise.all([taken, ended, closed]);
    expect(heard).to.have.length(1);
    expect((await failureOf(infer('a'))).code).to.equal(status.UNAVAILABLE);
  });
});

/** Pixels of one gray value, 1 x 1, in a sequence. */
function inferRequest(sequence: string): Buffer {
  return encode('ModelInferRequest', {
    modelName: 'demo',
    parameters: { sequence_id: { stringParam: sequence } },
    inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3] }],
    rawInputContents: [Buffer.alloc(3)],
  });
}
