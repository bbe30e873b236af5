import { expect } from 'chai';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProgressEvent } from '../../../src/common/progress.js';
import { installTensorflow } from '../../../src/engine/install/install.js';
import { withLock } from '../../../src/engine/install/lock.js';
import { moduleUrl } from '../../support/programs.js';
import { addon, codeOf, FakeMachine } from '../support/machine.js';
import { writeWheel } from '../support/wheel.js';

const ENTRY = fileURLToPath(moduleUrl('../support/install-entry', import.meta.url));

describe('engine install: interruption', () => {
  let machine: FakeMachine;
  let loads: string;

  before(function () {
    loads = addon(this, 'loads');
  });

  beforeEach(() => {
    machine = new FakeMachine();
    machine.python(`/bin/cp ${writeWheel(join(machine.folder, 'wheels'))} "$dest"`);
    machine.compiler(loads);
  });
  afterEach(() => machine.dispose());

  /** Starts an installation in another process and kills it when it reports a step. */
  async function killedAt(isThere: (event: ProgressEvent) => boolean): Promise<void> {
    const child = fork(ENTRY);
    const end = once(child, 'exit');
    child.on('message', (event: ProgressEvent) => void (isThere(event) && child.kill('SIGKILL')));
    child.send(machine.home);
    expect(await end).to.deep.equal([null, 'SIGKILL']);
  }

  it('killed while it compiles, it goes on with the wheel that it has, and leaves nothing of the first attempt', async () => {
    await killedAt(({ task, done }) => task === 'build the binding' && done === 1);
    const [name, ...rest] = readdirSync(join(machine.home, 'engines')).sort();
    expect([name, ...rest])
      .to.have.length(2)
      .and.to.include('.lock');
    const { engine, installed } = await installTensorflow({ home: machine.home });
    expect(installed).to.equal(true);
    expect(engine.problems).to.deep.equal([]);
    expect(readdirSync(join(machine.home, 'engines'))).to.deep.equal([engine.name]);
    expect(machine.calls('pip.log')).to.have.length(1);
  });

  it('killed while it downloads, it downloads again', async () => {
    machine.python('echo half > "$TMPDIR/part.whl"; exec /bin/sleep 30');
    await killedAt(({ task }) => task.startsWith('download'));
    machine.python(`/bin/cp ${join(machine.folder, 'wheels')}/*.whl "$dest"`);
    expect(await installTensorflow({ home: machine.home })).to.include({ installed: true });
    expect(readdirSync(join(machine.home, 'downloads'))).to.deep.equal([]);
  });

  it('another installation that does not end is E_ENGINE_LOCKED, with its process', async () => {
    const lock = join(machine.home, 'engines/.lock');
    mkdirSync(join(machine.home, 'engines'), { recursive: true });
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), token: 'x' }));
    const waits: string[] = [];
    const options = { patience: 0.3, onWait: (holder: string) => waits.push(holder) };
    expect(await codeOf(withLock(lock, () => Promise.resolve(), options))).to.equal('E_ENGINE_LOCKED');
    expect(waits).to.deep.equal([`process ${process.pid} on ${hostname()}`]);
  });
});
