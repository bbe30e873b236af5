import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import { deflateSync } from 'node:zlib';
import {
  answerOf,
  clientOf,
  expectError,
  openDouble,
  pass,
  startDouble,
  stopAll,
  waitForQueue,
  type TestClient,
} from './support/server.js';

/** A PNG of any size that its header claims, with no more behind it than a few zeros. */
function pngClaiming(width: number, height: number): Uint8Array {
  const png = Buffer.alloc(33);
  png.write('\x89PNG\r\n\x1a\n', 'latin1');
  png.writeUInt32BE(13, 8);
  png.write('IHDR', 12, 'latin1');
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  return Buffer.concat([png, deflateSync(Buffer.alloc(1000))]);
}

describe('serve: limits', () => {
  afterEach(stopAll);

  it('a header that claims 60,000 x 60,000 is refused before anything is decoded or queued', async () => {
    const server = await openDouble();
    const bomb = pngClaiming(60_000, 60_000);
    // The engine is busy: an answer that needed it would not come.
    void server.infer(1, { sequence_id: 'sleep:1000' });
    await pass(50);
    await expectError(await server.post('/v1/segment', bomb), 413, 'E_SERVE_PIXELS', '60000 x 60000');
    const data = [Buffer.from(bomb).toString('base64')];
    const image = { name: 'image', datatype: 'BYTES', shape: [1], parameters: { content_type: 'base64' }, data };
    await expectError(await server.post('/v2/models/demo/infer', { inputs: [image] }), 413, 'E_SERVE_PIXELS');
    const pixels = { name: 'pixels', datatype: 'UINT8', shape: [1, 60_000, 60_000, 3], data: [1] };
    await expectError(await server.post('/v2/models/demo/infer', { inputs: [pixels] }), 413, 'E_SERVE_PIXELS');
  });

  it('the limit of pixels is exact', async () => {
    const server = await openDouble({ limits: { pixels: 100 } });
    expect((await server.post('/v1/segment', pngClaiming(10, 10))).status).to.equal(200);
    await expectError(await server.post('/v1/segment', pngClaiming(10, 11)), 413, 'E_SERVE_PIXELS');
  });

  it('a body over the limit is refused, with and without a stated length', async () => {
    const server = await startDouble({ limits: { body: 1000 } });
    await expectError(await server.post('/v1/segment', new Uint8Array(1001)), 413, 'E_SERVE_BODY');
    const chunks = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 3; i++) controller.enqueue(new Uint8Array(500));
        controller.close();
      },
    });
    const init = { method: 'POST', body: chunks, duplex: 'half' } as RequestInit;
    await expectError(await fetch(`${server.url}/v1/segment`, init), 413, 'E_SERVE_BODY');
  });

  it('a full queue is 503 with Retry-After, and what waited is answered', async () => {
    const server = await openDouble({ limits: { queue: 2, batch: 1 } });
    const running = server.infer(1, { sequence_id: 'sleep:500' });
    await pass(100);
    const waiting = [server.infer(2), server.infer(3)];
    await waitForQueue(server, 2);
    const refused = await server.infer(4);
    expect(Number(refused.headers.get('retry-after'))).to.be.at.least(1);
    await expectError(refused, 503, 'E_SERVE_BUSY');
    for (const [i, response] of [running, ...waiting].entries())
      expect((await answerOf(await response)).outputs[0]!.data[0]).to.equal(i + 1);
  });

  it('a deadline is met by header, by parameter and by default: 504, and the server goes on', async () => {
    const server = await openDouble({ limits: { deadline: 0.3 } });
    const slow = { sequence_id: 'sleep:400' };
    const body = { inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data: [1, 1, 1] }] };
    const header = { 'x-gearnn-deadline-ms': '20' };
    await expectError(await server.infer(1, slow), 504, 'E_SERVE_DEADLINE', 'within 0.3 s');
    const asked = { ...body, parameters: slow };
    await expectError(await server.post('/v2/models/demo/infer', asked, header), 504, 'E_SERVE_DEADLINE', '0.02 s');
    await expectError(await server.infer(1, { ...slow, timeout: 10_000 }), 504, 'E_SERVE_DEADLINE', '0.01 s');
    // A client may ask for less than the server's, not for more.
    await expectError(await server.infer(1, { ...slow, timeout: 60e6 }), 504, 'E_SERVE_DEADLINE', '0.3 s');
    await pass(800);
    expect((await answerOf(await server.infer(9))).outputs[0]!.data[0]).to.equal(9);
    const wrong = await server.post('/v2/models/demo/infer', body, { 'x-gearnn-deadline-ms': 'soon' });
    await expectError(wrong, 400, 'E_SERVE_REQUEST', 'x-gearnn-deadline-ms');
  });

  it('the frame of a client that leaves is taken out of the queue', async () => {
    const server = await startDouble({ limits: { batch: 1 } });
    const running = server.infer(1, { sequence_id: 'sleep:800' });
    await pass(100);
    const client = new AbortController();
    const gone = server.post('/v1/segment', pngClaiming(2, 2)).then(() => 'stayed');
    const leaving = fetch(`${server.url}/v1/segment`, {
      method: 'POST',
      body: pngClaiming(3, 3) as Uint8Array<ArrayBuffer>,
      signal: client.signal,
    }).catch(() => 'left');
    await waitForQueue(server, 2);
    client.abort();
    expect(await leaving).to.equal('left');
    await waitForQueue(server, 1);
    await answerOf(await running);
    expect(await gone).to.equal('stayed');
    const metrics = await (await server.get('/metrics')).text();
    expect(metrics).to.contain('gearnn_requests_total{route="/v1/segment",method="POST",status="499"} 1');
  });

  it('cameras take turns: one with many frames waiting does not hold up another', async () => {
    const server = await openDouble({ limits: { batch: 1 } });
    const order: string[] = [];
    const send = async (stream: string, size: number): Promise<void> => {
      await answerOf(await server.infer(1, { sequence_id: stream }, [1, size]));
      order.push(stream);
    };
    // Long enough for all to queue up meanwhile, on a machine that is busy too.
    const first = send('sleep:1500', 1);
    await pass(100);
    const many = Array.from({ length: 6 }, () => send('sleep:20', 2));
    await waitForQueue(server, 6);
    const few = send('other', 3);
    await Promise.all([first, ...many, few]);
    expect(order.indexOf('other')).to.be.at.most(2);
  });

  it('frames of several clients that wait together run in one batch', async () => {
    const server = await openDouble({ limits: { batch: 4 } });
    const running = server.infer(1, { sequence_id: 'sleep:400' });
    await pass(100);
    const waiting = [2, 3, 4].map((value) => server.infer(value, { sequence_id: `c${value}` }));
    await waitForQueue(server, 3);
    for (const response of [running, ...waiting]) await answerOf(await response);
    const metrics = await (await server.get('/metrics')).text();
    expect(metrics).to.contain('gearnn_batch_frames_sum 4');
    expect(metrics).to.contain('gearnn_batch_frames_count 2');
  });
});

describe('serve: tokens', () => {
  let server: TestClient;

  before(async () => {
    server = await openDouble({ token: 's3cret' });
  });
  after(stopAll);

  it('without the token, or with another, everything but health and the description is 401', async () => {
    for (const authorization of [undefined, 'Bearer wrong', 'Bearer s3cret2', 'Bearer', 'Basic s3cret', 's3cret']) {
      const headers = authorization === undefined ? undefined : { authorization };
      for (const path of ['/v2', '/v2/models/demo', '/metrics', '/v3']) {
        const response = await server.get(path, { headers });
        expect(response.headers.get('www-authenticate')).to.equal('Bearer');
        await expectError(response, 401, 'E_SERVE_AUTH');
      }
      await expectError(await server.post('/v1/segment', 'x', headers), 401, 'E_SERVE_AUTH');
    }
    for (const path of ['/v2/health/live', '/v2/health/ready', '/docs', '/openapi.json'])
      expect((await server.get(path)).status, path).to.equal(200);
  });

  it('with the token requests are answered', async () => {
    const headers = { authorization: 'Bearer s3cret' };
    expect((await server.get('/v2/models/demo', { headers })).status).to.equal(200);
    await expectError(await server.post('/v1/segment', 'x', headers), 415, 'E_SERVE_FORMAT');
  });
});

describe('serve: shutdown', () => {
  afterEach(stopAll);

  it('what was taken is answered, new connections are refused, and the engine ends', async () => {
    const server = await startDouble({ limits: { batch: 1 } });
    const engine = server.enginePid()!;
    const running = server.infer(1, { sequence_id: 'sleep:400' });
    await pass(100);
    const waiting = [server.infer(2), server.infer(3)];
    await waitForQueue(server, 2);
    const closed = server.close();
    const refused = await server.get('/v2').catch(() => undefined);
    // Over a connection that was open before, the answer is an error of its own.
    if (refused) await expectError(refused, 503, 'E_SERVE_STOPPING');
    for (const [i, response] of [running, ...waiting].entries()) {
      expect((await answerOf(await response)).outputs[0]!.data[0]).to.equal(i + 1);
    }
    await closed;
    expect(() => process.kill(engine, 0)).to.throw('ESRCH');
    expect(
      await clientOf(server.url)
        .get('/v2')
        .catch(() => 'refused'),
    ).to.equal('refused');
  });

  it('an idle connection that a client keeps open does not hold it up', async () => {
    const server = await startDouble();
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await server.close();
    await closed;
  });
});
