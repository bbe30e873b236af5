import { expect } from 'chai';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, start, TRIAL } from './support/start-trial.js';

describe('cli: signals', () => {
  it('SIGTERM ends a gentle end that takes too long', async () => {
    const child = start('impatient');
    const { code } = await ended(child, () => child.kill('SIGTERM'));
    expect(code).to.equal(130);
  });

  it('SIGTERM ends a command in the middle of a computation', async () => {
    const child = start('computing');
    const end = once(child, 'exit');
    const { err } = await ended(child, () => child.kill('SIGTERM'));
    expect(await end).to.deep.equal([null, 'SIGKILL']);
    expect(err).to.equal('Ended in the middle of a computation; what was saved before it stays.\n');
  });

  it('SIGTERM ends a command one of whose threads waits for a pipe', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-signals-'));
    try {
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      const child = spawn(process.execPath, [...TRIAL, 'waiting'], { env: { ...process.env, TRIAL_PIPE: pipe } });
      const { out } = await ended(child, () => child.kill('SIGTERM'));
      expect(out).to.equal('running\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a command under nohup goes on when its terminal goes away', async () => {
    const child = spawn(process.execPath, [...TRIAL, 'gentle'], { env: { ...process.env, _: '/usr/bin/nohup' } });
    const { code, err } = await ended(child, () => {
      child.kill('SIGHUP');
      setTimeout(() => child.kill('SIGTERM'), 500);
    });
    expect(code).to.equal(130);
    expect(err.match(/Stopping/g)).to.have.lengthOf(1);
  });
});
