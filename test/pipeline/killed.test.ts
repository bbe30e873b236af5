import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { programOf } from '../support/programs.js';
import { workFolder } from './support/fake-steps.js';

const SCRIPT = programOf('./support/killed', import.meta.url);

describe('pipeline: kill -9', () => {
  let work: string;
  before(() => {
    work = workFolder();
  });
  after(() => rm(work, { recursive: true, force: true }));

  it('in the middle of a step loses nothing but the moment: the step goes on where it was, done steps stay', async () => {
    const killed = start(work);
    await killed.says(/from 0/);
    await sleep(100);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');

    const again = start(work);
    await once(again.process, 'close');
    expect(again.output()).to.match(/^from ([1-9]|[123]\d)$/m);
    expect(again.output()).to.contain('cached first, resume slow, run last');

    const done = start(work);
    await once(done.process, 'close');
    expect(done.output()).to.equal('cached first, cached slow, cached last\n');
  });
});

function start(work: string) {
  const process_ = spawn(process.execPath, [...SCRIPT, work], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  process_.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  return {
    process: process_,
    output: () => text,
    async says(pattern: RegExp): Promise<void> {
      while (!pattern.test(text)) await once(process_.stdout, 'data');
    },
  };
}
