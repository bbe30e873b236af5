import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bf16Support } from '../../src/engine/cpu.js';
import { locateTensorflow } from '../../src/engine/locate.js';
import { requirePrecision } from '../../src/engine/precision.js';
import { startEngine, type EngineOptions } from '../../src/engine/start.js';
import { expectFailure } from '../support/failure.js';
import { missing } from '../support/tools.js';
import { writeEngine } from './support/engine.js';
import { startEngines } from './support/starts.js';

const PRODUCT = [7, 10, 15, 22];

async function requireTensorflow(test: Mocha.Context): Promise<void> {
  if ((await locateTensorflow()) === null) missing(test, 'needs TensorFlow; gearnn engine install fetches it');
}

describe('engine start, where TensorFlow is installed', () => {
  before(async function () {
    await requireTensorflow(this);
  });

  it('TensorFlow starts unless another is named, nothing is printed, and others can follow', async () => {
    const { replies, stdout, stderr } = await startEngines([
      {},
      {},
      { engine: 'wasm' },
      { engine: 'cpu' },
      { engine: 'tensorflow' },
    ]);
    expect(replies.map(({ engine }) => engine?.name)).to.deep.equal([
      'tensorflow',
      'tensorflow',
      'wasm',
      'cpu',
      'tensorflow',
    ]);
    expect(replies.map(({ backend }) => backend)).to.deep.equal([
      'tensorflow',
      'tensorflow',
      'wasm',
      'cpu',
      'tensorflow',
    ]);
    for (const { product, engine } of replies) {
      expect(product).to.deep.equal(PRODUCT);
      expect(engine).to.include({ precision: 'fp32' }).and.not.to.have.property('notice');
      expect(engine!.version).to.match(/^\d+\.\d+\.\d+/);
    }
    expect([stdout, stderr]).to.deep.equal(['', '']);
  });

  it('threads are those asked for, and fixed from then on', async function () {
    const [one, three] = await Promise.all([
      startEngines([{ threads: 1 }, {}, { threads: 2 }, { threads: 1 }]),
      startEngines([{ threads: 3 }]),
    ]);
    expect(one.replies.map(({ engine, code }) => engine?.threads ?? code)).to.deep.equal([1, 1, 'E_ENGINE_STARTED', 1]);
    expect(one.replies[2]!.message).to.match(/^engine threads: expected 1, .*got 2\. .*another process/);
    expect(three.replies[0]!.engine!.threads).to.equal(3);
    if (process.platform !== 'linux') return;
    // Two more that work within an op, and two more that run ops.
    expect(three.replies[0]!.threads - one.replies[0]!.threads).to.equal(4);
  });

  it('bf16 starts where it may be imitated, and says where it is', async () => {
    const bf16 = { precision: 'bf16' } as const;
    const { replies } = await startEngines([
      { ...bf16, engine: 'tensorflow', imitateBf16: true },
      { ...bf16, engine: 'cpu', imitateBf16: true },
      { ...bf16, engine: 'tensorflow' },
    ]);
    const [imitated, cpu, native] = replies;
    expect(imitated!.engine).to.include({ name: 'tensorflow', precision: 'bf16' });
    expect(cpu).to.have.property('code', 'E_ENGINE_PRECISION');
    if (native!.engine) return expect(imitated!.engine).not.to.have.property('notice');
    expect(native).to.have.property('code', 'E_ENGINE_PRECISION');
    expect(imitated!.engine!.notice).to.match(/^This processor has no bf16 arithmetic: fp32 takes its place, rounded/);
  });

  it('in a worker thread, whose environment is a copy, threads and silence are the same', async () => {
    const [one, three] = await Promise.all([
      startEngines([{ threads: 1 }], { inWorker: true }),
      startEngines([{ threads: 3 }], { inWorker: true }),
    ]);
    expect(three.replies[0]!.engine).to.include({ name: 'tensorflow', threads: 3 });
    expect(three.replies[0]!.product).to.deep.equal(PRODUCT);
    if (process.platform === 'linux') expect(three.replies[0]!.threads - one.replies[0]!.threads).to.equal(4);
    expect([one.stderr, three.stderr]).to.deep.equal(['', '']);
  });

  it("with `verbose` TensorFlow's messages come through", async function () {
    if (process.platform !== 'linux') this.skip();
    const { stderr } = await startEngines([{ verbose: true }]);
    expect(stderr).to.match(/cpu_feature_guard/);
  });

  it('bf16 starts where the processor has it, and is refused with the reason elsewhere', async () => {
    const supported = bf16Support().supported;
    const { replies } = await startEngines([{ precision: 'bf16' }, { engine: 'wasm', precision: 'bf16' }]);
    expect(replies[0]!.engine?.precision ?? replies[0]!.code).to.equal(supported ? 'bf16' : 'E_ENGINE_PRECISION');
    expect(replies[1]!.code).to.equal('E_ENGINE_PRECISION');
    expect(replies[1]!.message).to.contain('got the wasm engine, which computes in fp32 only. Use fp32.');
    // What was refused has not taken the other's place.
    if (supported) expect(replies[1]!.backend).to.equal('tensorflow');
  });
});

describe('engine start, where TensorFlow is not as it should be', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'gearnn-home-'));
  });

  afterEach(() => rmSync(home, { recursive: true }));

  const start = (starts: EngineOptions[]): ReturnType<typeof startEngines> =>
    startEngines(starts, { env: { GEARNN_HOME: home } });

  it('without it wasm starts and says so, and TensorFlow by its name is an error', async () => {
    const { replies, stdout, stderr } = await start([
      {},
      { engine: 'tensorflow' },
      { precision: 'bf16' },
      { engine: 'wasm', threads: 4 },
    ]);
    const [byDefault, byName, bf16, threads] = replies as [
      (typeof replies)[0],
      (typeof replies)[0],
      (typeof replies)[0],
      (typeof replies)[0],
    ];
    expect(byDefault).to.deep.include({ backend: 'wasm', product: PRODUCT });
    expect(byDefault.engine!.notice).to.equal(
      'TensorFlow is not installed, so wasm computes, several times slower. Run gearnn engine install.',
    );
    expect(byName).to.include({ code: 'E_ENGINE_MISSING', backend: 'wasm' });
    expect(byName.message).to.contain('Run gearnn engine install');
    expect(bf16.code).to.equal('E_ENGINE_PRECISION');
    expect(threads.engine).to.include({
      threads: 1,
      notice: 'The wasm engine runs on one thread in Node.js, not on 4.',
    });
    expect([stdout, stderr]).to.deep.equal(['', '']);
  });

  it("a library that does not load is an error with the loader's reason, by name and by default, and wasm still starts", async () => {
    writeEngine(home, { files: { 'tfjs_binding.node': 'no library at all' } });
    const { replies } = await start([{ engine: 'tensorflow' }, {}, { engine: 'wasm' }]);
    for (const { code, message } of replies.slice(0, 2)) {
      expect(code).to.equal('E_ENGINE_START');
      expect(message).to.match(/tfjs_binding\.node: (file too short|invalid ELF header|.*not a mach-o file)/i);
      expect(message).to.contain('gearnn engine install --force');
    }
    expect(replies[2]).to.deep.include({ backend: 'wasm', product: PRODUCT });
  });
});

describe('engine options', () => {
  it('values that no engine has are wrong calls, and start nothing', async () => {
    await expectFailure(
      startEngine({ engine: 'webgl' as 'wasm' }),
      'E_USAGE',
      'engine: expected one of tensorflow, wasm, cpu, got "webgl".',
    );
    await expectFailure(
      startEngine({ precision: 'fp16' as 'bf16' }),
      'E_USAGE',
      'expected fp32, bf16 or auto, got "fp16"',
    );
    for (const threads of [0, 1.5]) await expectFailure(startEngine({ threads }), 'E_USAGE', 'engine threads');
  });
});

describe('engine precision', () => {
  it('bf16 is refused with the reason given, and fp32 never', () => {
    expect(() => requirePrecision('bf16', 'a processor without bf16 instructions'))
      .to.throw(
        'engine precision bf16: expected the tensorflow engine on a processor or GPU with bf16 arithmetic, got a processor without',
      )
      .with.property('code', 'E_ENGINE_PRECISION');
    requirePrecision('fp32', 'a processor without bf16 instructions');
    requirePrecision('bf16', null);
  });
});
