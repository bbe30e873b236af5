import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../bench/queue/redis.js';
import { withoutTimes } from '../../bench/queue/without-times.js';
import { SMALL_RUN } from '../pipeline/support/small-run.js';
import { GEARNN } from '../support/programs.js';
import { requireTool } from '../support/tools.js';

describe('queue: an experiment', () => {
  let folder: string;
  let redis: RedisServer;
  const workers: ChildProcess[] = [];

  before(async function () {
    redis = await RedisServer.start(requireTool(this, 'redis-server'));
    folder = await mkdtemp(join(tmpdir(), 'gearnn-queue-run-'));
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...SMALL_RUN, engine: 'tensorflow' }));
  });
  after(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await redis.end();
    await rm(folder, { recursive: true, force: true });
  });

  const gearnn = (...parameters: string[]): ChildProcess =>
    spawn(process.execPath, [...GEARNN, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  const run = async (name: string, ...more: string[]): Promise<Record<string, unknown>> => {
    const places = ['--work', join(folder, `work ${name}`), '--out', join(folder, name)];
    const command = gearnn('run', join(folder, 'config.json'), '--no-frames', '--threads', '1', ...places, ...more);
    let said = '';
    command.stderr!.on('data', (text: Buffer) => (said += text.toString()));
    const [status] = (await once(command, 'exit')) as [number | null];
    expect(status, said).to.equal(0);
    const results = JSON.parse(await readFile(join(folder, name, 'results.json'), 'utf8')) as object;
    return withoutTimes(results) as Record<string, unknown>;
  };

  it('by two workers comes to the results.json of a run without a queue, but for times', async () => {
    const alone = await run('alone');
    const places = ['--queue', redis.url, '--store', join(folder, 'store')];
    for (let i = 0; i < 2; i++) workers.push(gearnn('worker', ...places, '--threads', '1'));
    expect(await run('queued', ...places)).to.deep.equal(alone);
    // All is there by now: without a queue the store alone answers.
    expect(await run('again', '--store', join(folder, 'store'))).to.deep.equal(alone);
    const [first, second] = workers.map(async (worker) => {
      const ended = once(worker, 'exit') as Promise<[number | null]>;
      worker.kill('SIGTERM');
      return (await ended)[0];
    });
    expect([await first, await second]).to.deep.equal([0, 0]);
  });
});
