import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isRunning, startOf } from '../../src/common/process.js';

describe('common: isRunning', () => {
  it('is true of a process until it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    expect(isRunning(child.pid!)).to.equal(true);
    child.stdin.end();
    await once(child, 'exit');
    expect(isRunning(child.pid!)).to.equal(false);
  });

  it('is true of the first process, whoever owns it', function () {
    if (process.platform === 'win32') this.skip();
    expect(isRunning(1)).to.equal(true);
  });
});

describe('common: startOf', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('tells processes that began one after the other apart, and is the same whenever it is asked', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    const [own, its] = [Number(await startOf(process.pid)), Number(await startOf(child.pid!))];
    expect(its).to.be.greaterThan(own);
    expect(await startOf(child.pid!)).to.equal(String(its));
    child.stdin.end();
    await once(child, 'exit');
    expect(await startOf(child.pid!)).to.equal(undefined);
  });
});
