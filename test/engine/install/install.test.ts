import { expect } from 'chai';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installTensorflow } from '../../../src/engine/install/install.js';
import { addon, codeOf, errorOf, FakeMachine } from '../support/machine.js';
import { LIBRARIES, PROJECT, TAG, writeWheel } from '../support/wheel.js';

/** Calls of the compiler that one engine takes: tfjs-node's binding, and the addon loaded before it. */
const ADDONS = 2;
const NAME = `tensorflow-2.21.0-${process.platform}-${process.arch}-cpu`;

describe('engine install', () => {
  let machine: FakeMachine;
  let loads: string;
  let crashes: string;

  before(function () {
    loads = addon(this, 'loads');
    crashes = addon(this, 'crashes');
  });

  beforeEach(() => {
    machine = new FakeMachine();
    machine.compiler(loads);
  });

  afterEach(() => machine.dispose());

  const install = (options: object = {}): ReturnType<typeof installTensorflow> =>
    installTensorflow({ home: machine.home, ...options });
  const wheel = (): string => writeWheel(join(machine.folder, 'wheels'));
  /** A pip that has the wheel. */
  const servingPip = (): void => machine.python(`/bin/cp ${wheel()} "$dest"`);
  const leftovers = (): string[] => [
    ...(existsSync(join(machine.home, 'engines')) ? readdirSync(join(machine.home, 'engines')) : []),
    ...(existsSync(join(machine.home, 'downloads'))
      ? readdirSync(join(machine.home, 'downloads'), { recursive: true, encoding: 'utf8' })
      : []),
  ];

  it('from a wheel on disk it needs no Python, and puts libraries, package and binding in place', async () => {
    const { engine, installed } = await install({ from: wheel() });
    expect(installed).to.equal(true);
    expect(engine.problems).to.deep.equal([]);
    const at = (path: string): string => readFileSync(join(machine.home, 'engines', NAME, path), 'utf8');
    expect(at(`lib/${LIBRARIES[1]}`)).to.equal('the small library');
    expect(at(`lib/${LIBRARIES[0]}`)).to.equal('the large library '.repeat(100));
    expect(at('tfjs_binding.node')).to.equal(readFileSync(loads, 'utf8'));
    expect(JSON.parse(at('tfjs-node-gpu/package.json'))).to.include({ version: '4.22.0' });
    expect(existsSync(join(engine.folder, 'tfjs-node-gpu/dist/nodejs_kernel_backend.js'))).to.equal(true);
    expect(existsSync(join(engine.folder, 'tfjs-node-gpu/node_modules/google-protobuf/google-protobuf.js'))).to.equal(
      true,
    );
    expect(leftovers()).to.deep.equal([NAME]);
    expect(readdirSync(engine.folder).sort()).to.deep.equal([
      'gearnn_prepare.node',
      'lib',
      'manifest.json',
      'tfjs-node-gpu',
      'tfjs_binding.node',
    ]);
  });

  it('an engine that is there, whole and loadable is left alone', async () => {
    const path = wheel();
    await install({ from: path });
    expect(await install({ from: path })).to.include({ installed: false });
    expect(machine.calls('g++.log')).to.have.length(ADDONS);
    expect(await install({ from: path, force: true })).to.include({ installed: true });
    expect(machine.calls('g++.log')).to.have.length(2 * ADDONS);
  });

  it('an engine that is damaged, or does not load, is replaced', async () => {
    const path = wheel();
    const { engine } = await install({ from: path });
    truncateSync(join(engine.folder, 'lib', LIBRARIES[0]!), 10);
    expect(await install({ from: path })).to.include({ installed: true });
    writeFileSync(join(engine.folder, 'tfjs_binding.node'), Buffer.alloc(statSync(loads).size));
    const again = await install({ from: path });
    expect(again.installed).to.equal(true);
    expect(again.engine.problems).to.deep.equal([]);
  });

  it('an engine whose addons are of other sources than these is built anew', async () => {
    const path = wheel();
    const { engine } = await install({ from: path });
    const manifest = join(engine.folder, 'manifest.json');
    const written = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
    expect(written.sources).to.match(/^[0-9a-f]{64}$/);
    writeFileSync(manifest, JSON.stringify({ ...written, sources: undefined }));
    expect(await install({ from: path })).to.include({ installed: true });
    expect(JSON.parse(readFileSync(manifest, 'utf8'))).to.include({ sources: written.sources });
  });

  it('asks pip for the wheel of this machine whatever Python runs it, and keeps no download', async () => {
    servingPip();
    const { engine } = await install();
    expect(engine.manifest).to.include({ tensorflow: '2.21.0', gpu: false, napi: 8, compiler: 'g++ (fake) 12' });
    const [call, ...more] = machine.calls('pip.log');
    expect(more).to.deep.equal([]);
    expect(call).to.match(
      /^-m pip download --no-deps --only-binary=:all: --python-version 3\.12 --implementation cp --abi cp312 /,
    );
    expect(call).to.include(`--platform ${TAG}`).and.to.include(`${PROJECT}==2.21.0`);
    expect(leftovers()).to.deep.equal([NAME]);
  });

  it('a version asked for is the version fetched', async () => {
    const path = writeWheel(join(machine.folder, 'wheels'), { version: '2.18.1' });
    machine.python(`/bin/cp ${path} "$dest"`);
    const { engine } = await install({ version: '2.18.1' });
    expect(engine.name).to.contain('tensorflow-2.18.1-');
    expect(machine.calls('pip.log')[0]).to.include(`${PROJECT}==2.18.1`);
  });

  it('a whole wheel left by an interrupted installation is not fetched again', async () => {
    writeWheel(join(machine.home, 'downloads', NAME));
    machine.python('exit 1');
    expect(await install()).to.include({ installed: true });
    expect(machine.calls('pip.log')).to.deep.equal([]);
  });

  it('half a wheel left by an interrupted installation is fetched again, once', async () => {
    truncateSync(writeWheel(join(machine.home, 'downloads', NAME)), 1000);
    servingPip();
    expect(await install()).to.include({ installed: true });
    expect(machine.calls('pip.log')).to.have.length(1);
  });

  it('a download that is damaged as fetched is an error, not a second download', async () => {
    const path = writeWheel(join(machine.folder, 'wheels'), { misrecorded: [`tensorflow/${LIBRARIES[0]}`] });
    machine.python(`/bin/cp ${path} "$dest"`);
    expect(await codeOf(install())).to.equal('E_ENGINE_CHECKSUM');
    expect(machine.calls('pip.log')).to.have.length(1);
    expect(readdirSync(join(machine.home, 'engines'))).to.deep.equal([]);
  });

  it('a failure keeps the whole wheel for the next attempt, and nothing else', async () => {
    servingPip();
    machine.compiler(loads, 'echo "tfjs_backend.cc:1:1: error: no such thing" >&2; exit 1');
    const error = await errorOf(install());
    expect(error).to.include({ code: 'E_ENGINE_COMPILE' });
    expect(error!.message).to.contain('error: no such thing');
    expect(leftovers()).to.have.members([NAME, `${NAME}/${PROJECT.replace('-', '_')}-2.21.0-cp312-cp312-${TAG}.whl`]);
    machine.compiler(loads);
    await install();
    expect(machine.calls('pip.log')).to.have.length(1);
  });

  it('a release whose C headers include others gets all headers and a second try', async () => {
    const seen = join(machine.folder, 'seen');
    machine.compiler(
      loads,
      `for a in "$@"; do if [ -f "$a/elsewhere/rare.h" ]; then echo found > ${seen}; fi; done
if [ ! -f ${seen} ]; then echo "c_api.h:3:10: fatal error: elsewhere/rare.h: No such file or directory" >&2; exit 1; fi`,
    );
    expect(await install({ from: wheel() })).to.include({ installed: true });
    expect(machine.calls('g++.log')).to.have.length(1 + ADDONS);
  });

  it('a binding that Node cannot load is an error with the reason of the loader', async () => {
    const garbage = join(machine.folder, 'garbage');
    writeFileSync(garbage, 'no library at all');
    machine.compiler(garbage);
    const error = await errorOf(install({ from: wheel() }));
    expect(error).to.include({ code: 'E_ENGINE_LOAD' });
    expect(error!.message).to.match(/\.node: (file too short|invalid ELF header|.*not a mach-o file)/i);
    expect(leftovers()).to.deep.equal([]);
  });

  it('a binding that crashes as it loads is an error that names the signal', async () => {
    machine.compiler(crashes);
    const error = await errorOf(install({ from: wheel() }));
    expect(error).to.include({ code: 'E_ENGINE_LOAD' });
    expect(error!.message).to.contain('SIGABRT');
  });

  it('the path to the wheel, its platform and its content are checked', async () => {
    const other = writeWheel(join(machine.folder, 'other'), { tag: 'win_amd64' });
    const empty = writeWheel(join(machine.folder, 'empty'), { files: { 'tensorflow/python/__init__.py': 'pass' } });
    const numpy = writeWheel(join(machine.folder, 'numpy'), { project: 'numpy' });
    const text = join(machine.folder, 'text.whl');
    writeFileSync(text, 'not a zip');
    for (const from of [other, empty, numpy, text, join(machine.folder, 'nowhere.whl')])
      expect(await codeOf(install({ from })), from).to.equal('E_ENGINE_WHEEL');
  });

  it('a disk without room is an error before anything is fetched', async function () {
    // Linux' /proc is a file system without a single free block.
    if (process.platform !== 'linux') this.skip();
    servingPip();
    const error = await errorOf(install({ home: '/proc/gearnn' }));
    expect(error!.message).to.match(/^\/proc\/gearnn: expected 1\.6 GB of free space, got 0\.0 GB free\./);
    expect(error).to.include({ code: 'E_ENGINE_DISK' });
    expect(machine.calls('pip.log')).to.deep.equal([]);
  });

  it('a disk that fills up while files are written is the same error, and what was written is removed', async () => {
    const progress = (): never => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    expect(await codeOf(install({ from: wheel(), progress }))).to.equal('E_ENGINE_DISK');
    expect(leftovers()).to.deep.equal([]);
  });

  it('without a compiler it stops before anything is fetched', async () => {
    servingPip();
    machine.program('g++', 'exit 127');
    const error = await errorOf(install());
    expect(error).to.include({ code: 'E_ENGINE_COMPILER' });
    expect(machine.calls('pip.log')).to.deep.equal([]);
  });

  it('a compiler named by CXX comes first', async () => {
    machine.program('g++', 'exit 1');
    machine.compiler(loads);
    machine.program(
      'my-c++',
      `if [ "$1" = --version ]; then echo "mine 1"; exit; fi; exec "${machine.folder}/bin/g++" "$@"`,
    );
    process.env.CXX = 'my-c++';
    const { engine } = await install({ from: wheel() });
    delete process.env.CXX;
    expect(engine.manifest!.compiler).to.equal('mine 1');
  });

  it('clears what installations that were killed left behind', async () => {
    mkdirSync(join(machine.home, 'engines', '.tmp-older', 'lib'), { recursive: true });
    await install({ from: wheel() });
    expect(leftovers()).to.deep.equal([NAME]);
  });

  it('two at once give one engine, built once', async () => {
    const from = wheel();
    const results = await Promise.all([install({ from }), install({ from })]);
    expect(results.map(({ installed }) => installed).sort()).to.deep.equal([false, true]);
    expect(machine.calls('g++.log')).to.have.length(ADDONS);
  });
});
