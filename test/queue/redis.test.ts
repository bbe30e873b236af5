import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, RedisServer } from '../../bench/queue/redis.js';
import { GearnnError } from '../../src/common/errors.js';
import { parseQueueUrl } from '../../src/queue/address.js';
import { connect, loadPackages } from '../../src/queue/connect.js';
import { Fleet } from './support/fleet.js';
import { requireTool } from '../support/tools.js';
import { until } from './support/until.js';

describe('queue: Redis', () => {
  it('that is killed and started again is waited for by worker and coordinator, and nothing is lost', async function () {
    const fleet = await Fleet.start(this);
    try {
      const states: string[] = [];
      const worker = fleet.worker('a', { onConnection: (state) => states.push(state) });
      const notes: string[] = [];
      const written = Array.from({ length: 4 }, (_, i) => ({
        ...{ id: `step ${i}`, kind: 'base', seconds: 0.5, inputs: [] },
      }));
      const run = fleet.coordinate({ written, onNote: (note) => notes.push(note) });
      await until(() => worker.events.some(({ event }) => event === 'begins'));
      await fleet.redis.kill();
      await sleep(1000);
      await fleet.redis.begin();
      const { outputs, failures } = await run;
      expect(failures).to.deep.equal([]);
      expect(Object.keys(outputs)).to.have.length(4);
      expect(states).to.deep.equal(['lost', 'back']);
      expect(notes.filter((note) => note.startsWith('Redis'))).to.deep.equal([
        'Redis is away; what was begun goes on, and waits for it',
        'Redis is back',
      ]);
      // What was at work when Redis went was not begun again.
      expect(worker.events.filter(({ event }) => event === 'begins')).to.have.length(4);
    } finally {
      await fleet.end();
    }
  });

  it('that is away does not keep a worker or a coordinator that are to stop', async function () {
    const fleet = await Fleet.start(this);
    const worker = fleet.worker('a');
    const stop = new AbortController();
    const run = fleet.coordinate({
      ...{ written: [{ id: 'only', kind: 'base', seconds: 60, inputs: [] }], signal: stop.signal },
    }).catch((error: Error) => error.message); // prettier-ignore
    await until(() => worker.events.some(({ event }) => event === 'begins'));
    await fleet.redis.kill();
    worker.stop();
    stop.abort(new Error('Ctrl-C'));
    expect(await Promise.race([run, sleep(10_000)])).to.equal('Ctrl-C');
    expect(await Promise.race([worker.ended, sleep(10_000, 'late')])).to.equal(0);
    await fleet.end();
  });
});

describe('queue: what is no Redis to work with', () => {
  const refusal = async (url: string): Promise<GearnnError> => {
    try {
      (await connect(await loadPackages(), parseQueueUrl(url))).disconnect();
    } catch (error) {
      return error as GearnnError;
    }
    return expect.fail('connected');
  };

  it('a port that nobody listens on', async () => {
    const { code, message } = await refusal(`redis://127.0.0.1:${await freePort()}/0`);
    expect([code, message]).to.deep.equal(['E_QUEUE_CONNECT', message]);
    expect(message).to.contain('ECONNREFUSED').and.contain('redis-cli');
  });

  it('a name that does not exist', async () => {
    expect((await refusal('redis://no-such-host.invalid/0')).code).to.equal('E_QUEUE_CONNECT');
  });

  it('a password that is missing or wrong, and a database that does not exist', async function () {
    const redis = await RedisServer.start(requireTool(this, 'redis-server'), ['--requirepass', 's3cret']);
    try {
      const at = (user: string, database = 0) => `redis://${user}127.0.0.1:${redis.port}/${database}`;
      for (const user of ['', ':wrong@', 'nobody:s3cret@']) {
        const { code, message } = await refusal(at(user));
        expect(code, user).to.equal('E_QUEUE_ACCESS');
        expect(message).to.not.contain('s3cret');
      }
      const { code, message } = await refusal(at(':s3cret@', 99));
      expect(code).to.equal('E_QUEUE_ACCESS');
      expect(message).to.contain('99');
    } finally {
      await redis.end();
    }
  });
});
