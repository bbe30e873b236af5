import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { type Check, diagnose, type Diagnosis } from '../../src/engine/doctor.js';
import { checkPython } from '../../src/engine/doctor-machine.js';
import { locateTensorflow } from '../../src/engine/locate.js';
import { probeEngine } from '../../src/engine/probe.js';
import { writeEngine } from './support/engine.js';
import { addon, FakeMachine } from './support/machine.js';
import { missing } from '../support/tools.js';

const checkOf = ({ checks }: Diagnosis, name: string): Check => checks.find((check) => check.name === name)!;

describe('engine: doctor', () => {
  describe('on a bare machine', () => {
    let machine: FakeMachine;
    let diagnosis: Diagnosis;

    before(async () => {
      machine = new FakeMachine();
      machine.program('apt-get', '');
      diagnosis = await diagnose({ home: machine.home });
    });
    after(() => machine.dispose());

    it('names what is missing, each with the one command that mends it', function () {
      if (process.platform !== 'linux') this.skip();
      const missing = diagnosis.checks
        .filter(({ status }) => status === 'missing')
        .map(({ name, remedy }) => [name, remedy]);
      expect(missing.map(([name, remedy]) => [name, remedy!.replace('sudo ', '')])).to.deep.equal([
        ['python', 'apt-get install -y python3-pip'],
        ['compiler', 'apt-get install -y g++'],
        ['tensorflow', 'gearnn engine install'],
      ]);
    });

    it('wasm works, so gearnn does', () => {
      expect(diagnosis.engines.map(({ name }) => name)).to.deep.equal(['wasm']);
      expect(checkOf(diagnosis, 'wasm').found).to.match(/^4\.\d+\.\d+ starts and computes right$/);
    });

    it('every check says what it found', () => {
      for (const { name, found } of diagnosis.checks) expect(found, name).to.not.equal('');
      expect(checkOf(diagnosis, 'node').found).to.equal(process.versions.node);
    });
  });

  it('a pip that is too old to install the engine is missing, or noted where one is installed', async () => {
    const machine = new FakeMachine();
    try {
      machine.program('python3', 'case "$*" in -c*) echo 3.8.10;; *) echo "pip 20.0.2 from /fake (python 3.8)";; esac');
      for (const [works, status] of [
        [false, 'missing'],
        [true, 'note'],
      ] as const) {
        expect((await checkPython(works))[1]).to.deep.equal({
          ...{ name: 'pip', status, found: '20.0.2; gearnn engine install needs 20.3.2 or newer' },
          remedy: 'python3 -m pip install -U pip',
        });
      }
    } finally {
      machine.dispose();
    }
  });

  describe('with a TensorFlow that is broken', () => {
    let machine: FakeMachine;
    let crashes: string;

    before(function () {
      crashes = addon(this, 'crashes');
    });
    beforeEach(() => (machine = new FakeMachine()));
    afterEach(() => machine.dispose());

    it('a library that crashes Node is reported, by its signal, and crashes nothing else', async () => {
      writeEngine(machine.home, { files: { 'tfjs_binding.node': readFileSync(crashes) } });
      const reply = await probeEngine('tensorflow', { env: { ...process.env, GEARNN_HOME: machine.home } });
      expect(reply).to.have.property('works', false);
      expect(reply).to.have.property('reason').that.contains('SIGABRT');
    });

    it('a library that is none is reported with the reason of the loader', async () => {
      writeEngine(machine.home, { files: { 'tfjs_binding.node': 'no library' } });
      const diagnosis = await diagnose({ home: machine.home });
      expect(checkOf(diagnosis, 'tensorflow')).to.include({
        status: 'missing',
        remedy: 'gearnn engine install --force',
      });
      expect(checkOf(diagnosis, 'tensorflow').found).to.contain('tfjs_binding.node');
      expect(diagnosis.engines.map(({ name }) => name)).to.deep.equal(['wasm']);
    });

    it('an engine that says nothing in time counts as hung', async () => {
      const reply = await probeEngine('wasm', { timeout: 0.01 });
      expect(reply).to.deep.equal({ works: false, reason: 'the process ended by SIGKILL' });
    });
  });

  it('the TensorFlow that is installed on this machine starts and computes right', async function () {
    const install = await locateTensorflow();
    if (install === null) missing(this, 'needs TensorFlow; gearnn engine install fetches it');
    expect(await probeEngine('tensorflow')).to.deep.equal({ works: true, version: install.version });
  });
});
