import { expect } from 'chai';
import { once } from 'node:events';
import { EngineProcess } from '../../src/serve/engine/process.js';
import { expectFailure } from '../support/failure.js';
import { answerOf, DOUBLE, expectError, pass, startDouble, stopAll, type TestServer } from './support/server.js';

/** Waits until the server is ready again. */
async function becomeReady(server: TestServer): Promise<void> {
  for (;;) {
    if ((await server.get('/v2/health/ready')).status === 200) return;
    await pass(20);
  }
}

describe('serve: engine process', () => {
  afterEach(stopAll);

  it('a health check is answered while the engine computes', async () => {
    const server = await startDouble();
    let computed = false;
    const answer = server.infer(1, { sequence_id: 'block:1500' }).then((response) => {
      computed = true;
      return response;
    });
    await pass(100);
    expect((await server.get('/v2/health/live')).status).to.equal(200);
    expect((await server.get('/v2/health/ready')).status).to.equal(200);
    expect((await server.get('/metrics')).status).to.equal(200);
    expect(computed).to.equal(false);
    await answerOf(await answer);
  });

  it('killed with kill -9 under way: 503 with a code, not ready, and then right answers from a new process', async () => {
    const server = await startDouble();
    const before = server.enginePid()!;
    const running = server.infer(1, { sequence_id: 'sleep:60000' });
    await pass(100);
    process.kill(before, 'SIGKILL');
    const response = await running;
    expect(Number(response.headers.get('retry-after'))).to.be.at.least(1);
    await expectError(response, 503, 'E_SERVE_ENGINE');
    const ready = await server.get('/v2/health/ready');
    await expectError(ready, 503, 'E_SERVE_ENGINE');
    expect((await server.get('/v2/health/live')).status).to.equal(200);
    await expectError(await server.infer(2), 503, 'E_SERVE_ENGINE');
    await becomeReady(server);
    expect(server.enginePid()).to.not.equal(before);
    expect((await answerOf(await server.infer(3))).outputs[0]!.data).to.deep.equal([3, 3, 3, 3]);
  });

  it('a crash of the network ends only the frames that ran; those that waited are answered by the next process', async () => {
    const server = await startDouble();
    const crashing = server.infer(1, { sequence_id: 'crash' });
    const waiting = [2, 3, 4].map((value) => server.infer(value, { sequence_id: `sleep:${value}` }, [value, value]));
    await expectError(await crashing, 503, 'E_SERVE_ENGINE');
    for (const [i, response] of (await Promise.all(waiting)).entries()) {
      const value = i + 2;
      // One may have been on its way in already.
      if (response.status === 503) await expectError(response, 503, 'E_SERVE_ENGINE');
      else expect((await answerOf(response)).outputs[0]!.data).to.deep.equal(Array<number>(value * value).fill(value));
    }
  });

  it('an engine that hangs is killed and started again', async () => {
    const server = await startDouble({ limits: { hang: 5 } });
    const before = server.enginePid();
    await expectError(await server.infer(1, { sequence_id: 'hang' }), 503, 'E_SERVE_ENGINE');
    await becomeReady(server);
    expect(server.enginePid()).to.not.equal(before);
  });

  it('an adaptor that was unloaded stays so in the next process', async () => {
    const server = await startDouble();
    await server.post('/v2/repository/models/demo:jpeg=5/unload');
    const before = server.enginePid()!;
    process.kill(before, 'SIGKILL');
    // On a busy machine the end takes its time to be noticed, and until then the server says that it is ready.
    while (server.enginePid() === before) await pass(10);
    await becomeReady(server);
    // The nearest that is left.
    expect((await answerOf(await server.infer(1, { level: 'jpeg=5' }))).parameters.level).to.equal('jpeg=10');
  });

  it('a network that does not load fails the start with its reason', async () => {
    await expectFailure(startDouble({ checkpoint: '/nowhere/E_CHECKPOINT' }), 'E_CHECKPOINT', '/nowhere/E_CHECKPOINT');
  });

  it('a port that is taken fails the start', async () => {
    const { url } = await startDouble();
    await expectFailure(startDouble({ port: Number(new URL(url).port) }), 'E_SERVE_LISTEN', 'EADDRINUSE');
  });

  it('each start that does not hold doubles the pause before the next', async () => {
    const pauses: number[] = [];
    const engine = new EngineProcess({ entry: DOUBLE, engine: {}, hang: 60, restore: async () => {} });
    engine.on('down', (_reason, pause) => pauses.push(pause));
    await engine.start();
    while (pauses.length < 3) {
      process.kill(engine.pid!, 'SIGKILL');
      await once(engine, 'down');
      if (pauses.length < 3) await once(engine, 'ready');
    }
    await engine.stop();
    expect(pauses).to.deep.equal([100, 200, 400]);
    expect(engine.pid).to.equal(undefined);
  });
});
