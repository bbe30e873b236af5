import { expect } from 'chai';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyAdaptor } from '../adapt/support/copy-adaptor.js';
import { gearnn } from './support/gearnn.js';

const DEMO = 'checkpoints/demo';
const DATA = ['--data', 'scenes:7@64x128'];

describe('gearnn calibrate, adaptor pack and plan', function () {
  this.timeout(240_000);
  let folder: string;
  let checkpoint: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-calibrate-'));
    checkpoint = join(folder, 'net');
    for (const file of ['config.json', 'model.safetensors', 'adaptors/brightness=0.3'])
      await cp(join(DEMO, file), join(checkpoint, file), { recursive: true });
    // What is right for dark pictures harms those that are hardly compressed.
    await copyAdaptor(join(DEMO, 'adaptors/brightness=0.3'), join(checkpoint, 'adaptors'), 'jpeg=90');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('calibrate says what serves, eval and infer follow it and say why', async () => {
    const measured = await gearnn('calibrate', '--checkpoint', checkpoint, ...DATA, '--samples', 'val[:12]', '--block', '1'); // prettier-ignore
    expect(measured.code, measured.err).to.equal(0);
    expect(measured.out)
      .to.match(/brightness=0\.3 .*own/)
      .and.to.match(/jpeg=90 .*base$/m);
    expect(await readdir(join(checkpoint, 'adaptors'))).to.include('calibration.json');
    const evaluated = ['eval', '--checkpoint', checkpoint, '--adaptors', join(checkpoint, 'adaptors'), ...DATA];
    const scored = await gearnn(...evaluated, '--subset', 'val[:4]', '--level', 'brightness=0.3', '--level', 'jpeg=90');
    expect(scored.code, scored.err).to.equal(0);
    expect(scored.out).to.contain('jpeg=90: calibrated: ').and.to.contain('1 network and 1 adaptor resident');
    const lines = join(folder, 'lines.jsonl');
    const call = ['infer', 'docs/images/levels.png', '--checkpoint', checkpoint, '--jsonl', lines, '--force'];
    await gearnn(...call, '--level', 'jpeg=90');
    expect(JSON.parse(await readFile(lines, 'utf8')))
      .to.include({ level: 'clean' })
      .and.to.have.property('reason');
    await gearnn(...call, '--level', 'jpeg=90', '--uncalibrated');
    expect(JSON.parse(await readFile(lines, 'utf8'))).to.include({ level: 'jpeg=90' }).and.not.to.have.property('reason'); // prettier-ignore
  });

  it('calibrate refuses frames that adaptors were trained on, and a usage that it cannot follow', async () => {
    const call = ['calibrate', '--checkpoint', checkpoint];
    const seen = await gearnn(...call, '--data', 'scenes:7', '--samples', 'train', '--block', '1');
    expect(seen.code).to.equal(1);
    expect(seen.err).to.contain('E_CALIBRATE');
    expect((await gearnn(...call, ...DATA, '--level', 'jpeg=3')).err).to.contain('E_USAGE');
    expect((await gearnn(...call, ...DATA, '--share', 'half')).err)
      .to.contain('E_USAGE')
      .and.to.contain('--share');
    expect((await gearnn(...call, ...DATA, '--share', '0')).err)
      .to.contain('E_USAGE')
      .and.to.contain('over 0');
  });

  it('adaptor pack writes smaller files that eval scores alike', async () => {
    const out = join(folder, 'packed');
    const packed = await gearnn('adaptor', 'pack', join(checkpoint, 'adaptors'), '--checkpoint', checkpoint, '--out', out, '--json'); // prettier-ignore
    expect(packed.code, packed.err).to.equal(0);
    const scores = await Promise.all(
      [join(checkpoint, 'adaptors'), out].map(async (adaptors) => {
        const call = ['eval', '--checkpoint', checkpoint, '--adaptors', adaptors, ...DATA, '--subset', 'val[:4]'];
        const { out: text } = await gearnn(...call, '--level', 'brightness=0.3', '--uncalibrated', '--json');
        const { rows } = JSON.parse(text) as { rows: { method: string; scores: { miou: number } }[] };
        return rows.find(({ method }) => method === 'adaptor')!.scores.miou;
      }),
    );
    expect(scores[1]).to.be.closeTo(scores[0]!, 2e-3);
    const sizeOf = async (path: string): Promise<number> => (await readFile(path)).length;
    const [whole, small] = await Promise.all([
      sizeOf(join(checkpoint, 'adaptors/brightness=0.3/adaptor.safetensors')),
      sizeOf(join(out, 'brightness=0.3/changes.safetensors')),
    ]);
    expect(small).to.be.below(whole / 2);
  });

  it('plan prints what each size wins, and draws it', async () => {
    const out = join(folder, 'plan');
    const call = ['plan', '--checkpoint', checkpoint, ...DATA, '--level', 'brightness=0.3', '--out', out];
    const { code, out: text, err } = await gearnn(...call, '--budget', '1%', '--steps', '4', '--size', '64x128');
    expect(code, err).to.equal(0);
    expect(text).to.match(/brightness=0\.3 +0\.\d{4} +0\.\d{4} +yes +0\.\d{4}/);
    expect((await readdir(out)).sort()).to.deep.equal(['plan.json', 'plan.svg']);
  });
});
