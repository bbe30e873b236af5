import { expect } from 'chai';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePrecision, keptSpeeds, speedKey, type SpeedKey } from '../../src/engine/auto-precision.js';
import { measureBf16 } from '../../src/engine/bf16-speed.js';
import { bf16Support } from '../../src/engine/cpu.js';
import { diagnose } from '../../src/engine/doctor.js';
import { setEnginePrecision } from '../../src/engine/precision.js';
import { startEngine } from '../../src/engine/start.js';
import { onTensorflow } from '../support/engines.js';
import { writeEngine } from './support/engine.js';

const KEY: SpeedKey = { device: 'Tested 9000', instructions: ['avx512_bf16'], version: '2.21.0', threads: 2 };
const FASTER = { fp32: 0.02, bf16: 0.01 };
const SLOWER = { fp32: 0.02, bf16: 0.03 };

/** A measurement that is given, and says how often it was asked. */
function measured(speed: { fp32: number; bf16: number }): { measure: () => typeof speed; calls: () => number } {
  let calls = 0;
  return { measure: () => (calls++, speed), calls: () => calls };
}

describe('engine: --precision auto', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gearnn-auto-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const choose = (
    given: { fp32: number; bf16: number },
    key: Partial<SpeedKey> = {},
    refusal: string | null = null,
  ) => {
    const { measure, calls } = measured(given);
    const chosen = choosePrecision({ refusal, key: { ...KEY, ...key }, folder, measure });
    return chosen.then(({ precision, why }) => ({ precision, why, calls: calls() }));
  };

  it('is bf16 where that is faster, fp32 where it is slower or next to no faster', async () => {
    expect(await choose(FASTER)).to.deep.include({
      precision: 'bf16',
      why: "bf16, which takes 0.50 of fp32's time here",
    });
    expect(await choose(SLOWER, { threads: 1 })).to.deep.include({ precision: 'fp32', why: 'fp32, as bf16 takes 1.50 of its time here' }); // prettier-ignore
    expect((await choose({ fp32: 0.02, bf16: 0.0195 }, { threads: 3 })).precision).to.equal('fp32');
  });

  it('is fp32 without a measurement where the engine has no bf16', async () => {
    const chosen = await choose(FASTER, {}, 'a processor without bf16 instructions');
    expect(chosen).to.deep.equal({
      ...{ precision: 'fp32', why: 'fp32, on a processor without bf16 instructions', calls: 0 },
    });
    expect(existsSync(join(folder, 'bf16-speed.json'))).to.equal(false);
  });

  it('measures once for a processor, its instructions, an engine and its threads, and anew for others', async () => {
    expect((await choose(FASTER)).calls).to.equal(1);
    expect(await choose(SLOWER)).to.include({ precision: 'bf16', calls: 0 });
    for (const other of [{ device: 'Other' }, { instructions: ['amx_bf16'] }, { version: '2.22.0' }, { threads: 4 }])
      expect(await choose(SLOWER, other), JSON.stringify(other)).to.include({ precision: 'fp32', calls: 1 });
    expect(await choose(SLOWER)).to.include({ precision: 'bf16', calls: 0 });
    expect(await keptSpeeds(folder)).to.have.length(5);
  });

  it('measures again where what lies there is torn, of another version, or cannot be written', async () => {
    const file = join(folder, 'bf16-speed.json');
    await choose(FASTER);
    const whole = readFileSync(file, 'utf8');
    for (const content of [whole.slice(0, 40), whole.replace('"version": 1', '"version": 2'), '[]']) {
      writeFileSync(file, content);
      expect(await choose(SLOWER)).to.include({ precision: 'fp32', calls: 1 });
    }
    const { measure, calls } = measured(FASTER);
    writeFileSync(join(folder, 'file'), '');
    const unwritable = { refusal: null, key: KEY, folder: join(folder, 'file'), measure };
    expect((await choosePrecision(unwritable)).precision).to.equal('bf16');
    expect((await choosePrecision({ ...unwritable, folder: undefined })).precision).to.equal('bf16');
    expect(calls()).to.equal(2);
  });

  it('doctor shows what was measured on this machine, and nothing of another', async () => {
    const home = join(folder, 'home');
    const engine = writeEngine(home);
    const here = speedKey({ name: 'tensorflow', version: '2.21.0', threads: 2 });
    const kept = { refusal: null, folder: engine, measure: () => FASTER };
    await choosePrecision({ ...kept, key: here });
    await choosePrecision({ ...kept, key: KEY });
    const { checks } = await diagnose({ home });
    expect(checks.filter(({ name }) => name === 'bf16')).to.deep.equal([
      {
        ...{ name: 'bf16', status: 'ok' },
        found: "--precision auto with 2 threads: bf16, which takes 0.50 of fp32's time here",
      },
    ]);
  });

  it('an engine without bf16 starts in fp32, and says so', async () => {
    const engine = await startEngine({ engine: 'cpu', precision: 'auto' });
    expect(engine.precision).to.equal('fp32');
    expect(engine.notice).to.match(/^Precision auto: fp32, on /);
  });
});

onTensorflow('engine: the measurement of --precision auto', () => {
  after(() => setEnginePrecision('fp32', { refusal: null, imitated: false }));

  it('times both types, and leaves no tensor behind', () => {
    setEnginePrecision('fp32', { refusal: null, imitated: !bf16Support().supported });
    const { fp32, bf16 } = measureBf16();
    expect(fp32).to.be.above(0);
    expect(bf16).to.be.above(0);
  });
});
