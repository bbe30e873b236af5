import { expect } from 'chai';
import { forEachParallel } from '../../src/common/parallel.js';
import { ERROR_CODES } from '../../src/common/errors.js';
import { Random } from '../../src/common/random.js';
import { malformed } from './support/malformed.js';
import { answerOf, startDouble, stopAll } from './support/server.js';

/** More where GEARNN_FUZZ says so. */
const COUNT = Number(process.env['GEARNN_FUZZ'] ?? 2000);
/** Between so many malformed requests comes a right one. */
const RIGHT_EVERY = 20;

describe(`serve: ${COUNT} malformed requests`, () => {
  after(stopAll);

  it('each gets a 4xx with a stable code, and right ones between them the right answer', async () => {
    const server = await startDouble();
    const engine = server.enginePid();
    const requests = Array.from({ length: COUNT }, (_, i) => i);
    let right = 0;
    await forEachParallel(requests, 8, async (i) => {
      const { title, send } = malformed(Random.of(1, 'fuzz', i));
      const { status, body } = await send(server.url);
      const where = `request ${i}, ${title}: ${status} ${body.slice(0, 200)}`;
      expect(status, where).to.be.within(400, 499);
      expect(body, where).to.match(/^{.*}$/s);
      const { error, code } = JSON.parse(body) as { error: unknown; code: string };
      expect(error, where).to.be.a('string');
      expect(Object.keys(ERROR_CODES), where).to.include(code);
      if (i % RIGHT_EVERY !== 0) return;
      const answer = await answerOf(await server.infer(i % 256, { sequence_id: `fuzz ${i}` }));
      expect(answer.outputs[0]!.data).to.deep.equal(Array<number>(4).fill(i % 256));
      right += 1;
    });
    expect(right).to.equal(Math.ceil(COUNT / RIGHT_EVERY));
    expect(server.enginePid(), 'the engine is still the same process').to.equal(engine);
    const metrics = await (await server.get('/metrics')).text();
    expect(metrics).to.contain('gearnn_queue_length 0');
    expect(metrics).to.contain('gearnn_engine_restarts_total 0');
    expect(metrics).to.not.contain('status="5');
  });
});
