import { expect } from 'chai';
import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../support/tools.js';
import { TRIAL } from './support/start-trial.js';

describe('cli: what becomes of stdout and stderr', () => {
  let folder: string;
  let result: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-streams-'));
    result = join(folder, 'result');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = (command: string[], stdio: StdioOptions) =>
    spawn(process.execPath, [...TRIAL, ...command], { stdio, env: { ...process.env, TRIAL_RESULT: result } });

  async function expectWhole(child: ReturnType<typeof spawn>): Promise<void> {
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    expect(readFileSync(result, 'utf8')).to.equal('whole');
  }

  it('readers that leave do not end work whose result lies elsewhere', async () => {
    const child = start(['talker'], ['ignore', 'pipe', 'pipe']);
    child.stdout!.destroy();
    child.stderr!.destroy();
    await expectWhole(child);
  });

  it('readers that never read do not hold it up', async () => {
    await expectWhole(start(['talker'], ['ignore', 'pipe', 'pipe']));
  });

  it('a full disk under both does not end it', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const full = openSync('/dev/full', 'w');
    await expectWhole(start(['talker'], ['ignore', full, full]));
    closeSync(full);
  });

  it('a terminal that goes away neither ends it nor makes Node abort at its end', async function () {
    const python = requireTool(this, 'python');
    // A terminal that is not the controlling one sends no signal when it goes; what is written to it fails.
    const script = `
import os, pty, subprocess, sys
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave)
os.close(slave)
os.read(master, 100)
os.close(master)
sys.exit(child.wait() % 256)`;
    const child = spawn(python, ['-c', script, process.execPath, ...TRIAL, 'talker'], {
      stdio: 'ignore',
      env: { ...process.env, TRIAL_RESULT: result },
    });
    await expectWhole(child);
  });

  it('a result that cannot be printed whole is a failure that says why', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const full = openSync('/dev/full', 'w');
    const child = start(['steps', '--json'], ['ignore', full, 'pipe']);
    closeSync(full);
    let err = '';
    child.stderr!.on('data', (piece: Buffer) => (err += piece.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: 'stdout: expected a place for the result, got a full disk. Send it elsewhere and run the same command again.\n',
    });
  });
});
