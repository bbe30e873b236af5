import { expect } from 'chai';
import { answerOf, expectError, pass, openDouble, stopAll, waitForQueue, type TestClient } from './support/server.js';

/** Sends a frame of a stream whose mask is how many of its frames the network knows. */
const send = (server: TestClient, parameters: object = {}): Promise<Response> =>
  server.infer(0, { sequence_id: 'count', ...parameters });

async function countOf(response: Promise<Response>): Promise<number> {
  return (await answerOf(await response)).outputs[0]!.data[0]!;
}

/** Keeps the engine busy, so that what is sent next waits. */
async function hold(server: TestClient): Promise<{ end: Promise<Response> }> {
  const end = server.infer(1, { sequence_id: 'sleep:1500' });
  await pass(100);
  return { end };
}

describe('serve: sequences', () => {
  afterEach(stopAll);

  it('sequence_start begins anew with its own frame, not with those that wait before it', async () => {
    const server = await openDouble({ limits: { batch: 1 } });
    expect(await countOf(send(server))).to.equal(1);
    const running = await hold(server);
    const waiting: Promise<number>[] = [];
    for (const parameters of [{}, { sequence_start: true }, {}]) {
      waiting.push(countOf(send(server, parameters)));
      await waitForQueue(server, waiting.length);
    }
    expect(await Promise.all(waiting)).to.deep.equal([2, 1, 2]);
    await running.end;
  });

  it('one that is refused leaves its stream as it was', async () => {
    const server = await openDouble({ limits: { batch: 1, queue: 1 } });
    expect(await countOf(send(server))).to.equal(1);
    const running = await hold(server);
    const waiting = server.infer(2);
    await waitForQueue(server, 1);
    await expectError(await send(server, { sequence_start: true }), 503, 'E_SERVE_BUSY');
    await Promise.all([running.end, waiting]);
    expect(await countOf(send(server))).to.equal(2);
  });

  it('sequence_end forgets the stream after its frame, also where that never ran', async () => {
    const server = await openDouble({ limits: { batch: 1 } });
    expect(await countOf(send(server))).to.equal(1);
    expect(await countOf(send(server, { sequence_end: true }))).to.equal(2);
    expect(await countOf(send(server))).to.equal(1);
    const running = await hold(server);
    await expectError(await send(server, { sequence_end: true, timeout: 20_000 }), 504, 'E_SERVE_DEADLINE');
    await running.end;
    expect(await countOf(send(server))).to.equal(1);
  });
});
