import { expect } from 'chai';
import { pass, startDouble, stopAll, waitForQueue, type TestServer } from './support/server.js';

describe('serve: figures for autoscalers and charts', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startDouble({ limits: { batch: 1 } });
  });
  afterEach(stopAll);

  /** By their names and labels. */
  const figures = async (): Promise<Map<string, number>> => {
    const text = await (await server.get('/metrics')).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/.* /, ''))]));
  };
  const frame = (milliseconds: number, level: string): Promise<Response> =>
    server.infer(1, { level, sequence_id: `sleep:${milliseconds}` });

  it('gearnn_engine_busy_seconds_total grows by the seconds in which the engine runs frames, and by no others', async () => {
    const began = performance.now();
    await frame(200, 'jpeg=5');
    await pass(300);
    await frame(200, 'jpeg=5');
    const { wall, busy } = {
      wall: (performance.now() - began) / 1000,
      busy: (await figures()).get('gearnn_engine_busy_seconds_total')!,
    };
    expect(busy).to.be.within(0.39, wall - 0.29);
    await pass(200);
    expect((await figures()).get('gearnn_engine_busy_seconds_total')).to.equal(busy);
  });

  it('gearnn_queue_backlog_seconds is 0 without frames, and grows with those that run and wait, by the pace of the latest', async () => {
    const backlog = async (): Promise<number> => (await figures()).get('gearnn_queue_backlog_seconds')!;
    expect(await backlog()).to.equal(0);
    // The pace comes to lie near 0.4 s a frame.
    for (let i = 0; i < 4; i++) await frame(400, 'clean');
    const running = frame(3000, 'clean');
    while ((await backlog()) === 0) await pass(10);
    const one = await backlog();
    expect(one).to.be.above(0.25);
    const waiting = Array.from({ length: 3 }, () => frame(1, 'clean'));
    await waitForQueue(server, 3);
    expect(await backlog()).to.be.closeTo(4 * one, 0.01);
    await Promise.all([running, ...waiting]);
    expect(await backlog()).to.equal(0);
  });

  it('gearnn_frame_seconds has count and seconds, from arrival to answer, by network and level of the adaptor', async () => {
    await Promise.all([frame(300, 'jpeg=5'), frame(300, 'jpeg=5')]);
    await frame(1, 'jpeg=10');
    const found = await figures();
    const of = (part: string, level: string, more = ''): number | undefined =>
      found.get(`gearnn_frame_seconds_${part}{${more}model="demo",level="${level}"}`);
    expect([of('count', 'jpeg=5'), of('count', 'jpeg=10'), of('count', 'clean')]).to.deep.equal([2, 1, undefined]);
    // The second waited for the first.
    expect(of('sum', 'jpeg=5')).to.be.above(0.89);
    expect(of('bucket', 'jpeg=5', 'le="0.25",')).to.equal(0);
    expect(of('bucket', 'jpeg=5', 'le="+Inf",')).to.equal(2);
    expect(of('sum', 'jpeg=10')).to.be.above(0);
  });
});
