import { expect } from 'chai';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { makeApp, type TestApp } from './support/app.js';
import { pass } from './support/server.js';

const HALF_BODY = 'POST /v1/segment HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc';
const LIVE = 'GET /v2/health/live HTTP/1.1\r\nHost: a\r\n\r\n';

describe('serve: connections', () => {
  let test: TestApp;
  let port: number;

  async function listen(limits: Parameters<typeof makeApp>[0]): Promise<void> {
    test = await makeApp(limits);
    test.app.get('/large', () => Buffer.alloc(2 ** 25));
    await test.app.listen({ port: 0, host: '127.0.0.1' });
    ({ port } = test.app.server.address() as AddressInfo);
  }
  async function open(text: string): Promise<Socket> {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }
  /** Waits until the metrics say so; the server notices an end after its client. */
  async function counted(text: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      const figures = await test.metrics();
      if (figures.includes(text)) return;
      if (tries > 1000) expect(figures).to.contain(text);
      await pass(20);
    }
  }
  /** What comes until the server closes the connection. */
  async function read(socket: Socket): Promise<string> {
    let text = '';
    socket.on('data', (piece) => (text += piece.toString('latin1')));
    await once(socket, 'close');
    return text;
  }
  afterEach(async () => {
    test.context.connections.stop();
    test.context.connections.end();
    await test.app.close();
  });

  it('silent, idle and half-sent ones do not hold up a stop, nor one that comes meanwhile', async () => {
    await listen({ stop: 1 });
    const idle = await open(LIVE);
    await once(idle, 'data');
    const others = await Promise.all(['', 'GET /v2 HT', HALF_BODY].map(open));
    await pass(50);
    const all = Promise.all([idle, ...others].map((socket) => once(socket, 'close')));
    test.context.connections.stop();
    await Promise.all([test.app.close(), all]);
  });

  it('a request that was taken is answered while the server stops', async () => {
    await listen({ stop: 30 });
    test.context.queue.open = false;
    const data = [1, 2, 3];
    const body = JSON.stringify({ inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [1, 1, 1, 3], data }] });
    const answer = fetch(`http://127.0.0.1:${port}/v2/models/demo/infer`, { method: 'POST', body });
    while (test.context.queue.length === 0) await pass(5);
    test.context.connections.stop();
    const closed = test.app.close();
    await pass(250);
    test.context.queue.open = true;
    expect((await answer).status).to.equal(200);
    await closed;
  });

  it('an answer that is never read is closed, and counts as one whose client left', async () => {
    await listen({ transfer: 0.5 });
    const socket = await open('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
    socket.pause();
    await counted('route="/large",method="GET",status="499"} 1');
    socket.destroy();
  });

  it('a body that comes too slowly is 408, in the answer and in the metrics, on a kept connection too', async () => {
    await listen({ transfer: 0.4 });
    const socket = await open(LIVE);
    await once(socket, 'data');
    socket.write(HALF_BODY);
    expect(await read(socket)).to.match(/^HTTP\/1.1 408 .*E_SERVE_TIMEOUT/s);
    await counted('route="/v1/segment",method="POST",status="408"} 1');
  });

  it('a head that comes too slowly, that is too long, and what is no HTTP are counted by their status', async () => {
    await listen({ transfer: 0.4 });
    const slow = read(await open('GET /v2 HT'));
    const long = read(await open(`GET /v2 HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`));
    const none = read(await open('\x01\x02\r\n\r\n'));
    for (const [answer, status] of [
      [slow, 408],
      [long, 431],
      [none, 400],
    ] as const) {
      expect(await answer).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      expect(await test.metrics()).to.contain(`route="other",method="none",status="${status}"} 1`);
    }
  });

  it('more than the limit are closed at once, and counted', async () => {
    await listen({ connections: 1 });
    await open('');
    const beyond = await open('');
    await once(beyond, 'close');
    expect(await test.metrics()).to.contain('gearnn_connections_dropped_total 1');
  });
});
