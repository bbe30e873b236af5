import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../src/common/lock.js';
import { startOf } from '../../src/common/process.js';

const MINUTES = 60_000;

describe('common: lock', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-lock-'));
    path = join(folder, 'lock');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Leaves a lock of `holder` that was last shown to live so many milliseconds ago. */
  async function leave(holder: object | string, age = 0): Promise<void> {
    await writeFile(path, typeof holder === 'string' ? holder : JSON.stringify({ token: 'other', ...holder }));
    const then = new Date(Date.now() - age);
    await utimes(path, then, then);
  }
  const onBusy = (holder: string): never => {
    throw new Error(`busy: ${holder}`);
  };
  const take = (): Promise<string> =>
    withLock(path, () => Promise.resolve('taken'), { patience: 0, onBusy }).catch((error: Error) => error.message);

  it('stays with a process of this machine that runs, however long it shows nothing', async () => {
    const holder = { pid: process.ppid, host: hostname(), started: await startOf(process.ppid) };
    await leave(holder, 300 * MINUTES);
    expect(await take()).to.equal(`busy: process ${process.ppid} on ${hostname()}`);
    expect(existsSync(path)).to.equal(true);
  });

  it('is taken from a process of this machine that has ended', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await leave({ pid, host: hostname() });
    expect(await take()).to.equal('taken');
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('is taken where another process has the id of its holder by now', async function () {
    if ((await startOf(process.ppid)) === undefined) this.skip();
    await leave({ pid: process.ppid, host: hostname(), started: '1' });
    expect(await take()).to.equal('taken');
  });

  it('of another machine is taken after a long silence alone', async () => {
    await leave({ pid: 1, host: 'elsewhere' }, 10 * MINUTES);
    expect(await take()).to.equal('busy: process 1 on elsewhere');
    await leave({ pid: 1, host: 'elsewhere' }, 16 * MINUTES);
    expect(await take()).to.equal('taken');
  });

  it('that was never written to its end is taken after a minute', async () => {
    await leave('{"pid":', 2 * MINUTES);
    expect(await take()).to.equal('taken');
  });

  it('is held by one at a time, where many find it dead at the same moment', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await leave({ pid, host: hostname() });
    let [inside, most] = [0, 0];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(2);
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(path, work, { patience: 30, onBusy })));
    expect(most).to.equal(1);
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
