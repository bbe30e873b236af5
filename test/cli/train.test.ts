import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { encodePng } from '../../src/image/encode.js';
import { GEARNN } from '../support/programs.js';
import { gearnn } from './support/gearnn.js';

describe('gearnn train and finetune', function () {
  this.timeout(180_000);
  let root: string;
  let base: string;
  /** What both commands are called with, apart from what they train. */
  const SMALL = ['--data', 'scenes:7@32x64', '--samples', '0:4', '--batch', '2', '--json'];
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    base = join(root, 'base');
  });
  after(() => rmSync(root, { recursive: true }));

  const trainInto = (out: string): string[] => [
    ...[
      'train',
      ...SMALL,
      '--model',
      'drn-d-22',
      '--width',
      '0.125',
      '--size',
      '32x48',
      '--epochs',
      '3',
      '--seed',
      '1',
    ],
    ...['--out', out, '--log', `${out}.jsonl`, '--tensorboard', `${out}-tb`],
  ];
  const events = (out: string) =>
    readFileSync(`${out}.jsonl`, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; step: number; loss: number })
      .map(({ event, step, loss }) => ({ event, step, loss }));

  it('Ctrl-C saves and says how to resume; what it says brings the weights of the uninterrupted run', async () => {
    const child = spawn(process.execPath, [...GEARNN, ...trainInto(base)]);
    let err = '';
    child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
    const seen = setInterval(() => {
      if (!existsSync(`${base}.jsonl`) || !readFileSync(`${base}.jsonl`, 'utf8').includes('\n')) return;
      clearInterval(seen);
      child.kill('SIGINT');
    }, 5);
    const [code] = (await once(child, 'close')) as [number];
    clearInterval(seen);
    expect(code, err).to.equal(130);
    expect(readdirSync(base)).to.deep.equal(['.state']);
    const resume = /Go on with: gearnn (train .* --resume)\n/.exec(err)?.[1];
    expect(resume, err).to.equal([...trainInto(base), '--resume'].join(' '));

    const refused = await gearnn(...trainInto(base));
    expect(refused).to.include({ code: 1, out: '' });
    expect(refused.err).to.contain('which is there already').and.to.contain('E_OUT_EXISTS');

    const resumed = await gearnn(...resume!.split(' '));
    expect(resumed.code, resumed.err).to.equal(0);
    const whole = await gearnn(...trainInto(join(root, 'whole')));
    expect(whole.code, whole.err).to.equal(0);
    const { checkpoint, hash, steps, history } = JSON.parse(resumed.out) as Record<string, unknown>;
    expect({ checkpoint, steps }).to.deep.equal({ checkpoint: base, steps: 6 });
    expect(history).to.have.length(3);
    expect(hash).to.equal((JSON.parse(whole.out) as { hash: string }).hash);
    expect(events(base)).to.deep.equal(events(join(root, 'whole')));
    expect(readdirSync(`${base}-tb`)).to.have.length(1);
  });

  it('finetune and split give an adaptor', async () => {
    const at = ['finetune', '--checkpoint', base, '--level', 'jpeg=5', '--epochs', '1', ...SMALL];
    const [full, file, out] = ['full', 'split.json', 'adaptors/jpeg=5'].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    const tuned = await gearnn(...at, '--out', full, '--validate', '1');
    expect(tuned.code, tuned.err).to.equal(0);
    expect(JSON.parse(tuned.out)).to.have.nested.property('history[0].miou').that.is.within(0, 1);
    expect((await gearnn('split', '--base', base, '--tuned', full, '--budget', '1%', '--out', file)).code).to.equal(0);
    const adapted = await gearnn(...at, '--split', file, '--out', out);
    expect(adapted.code, adapted.err).to.equal(0);
    const { parameters } = JSON.parse(readFileSync(join(out, 'adaptor_config.json'), 'utf8')) as { parameters: number };
    expect(JSON.parse(adapted.out)).to.deep.include({ adaptor: out, parameters, level: 'jpeg=5' });
  });

  it('finetune --calibrate measures the adaptor and writes what serves its level', async () => {
    const call = (...more: string[]) =>
      gearnn('finetune', '--checkpoint', base, '--level', 'jpeg=10', '--epochs', '1', ...SMALL, ...more);
    const [out, file] = [join(root, 'calibrated', 'jpeg=10'), join(root, 'calibrated', 'calibration.json')];
    const whole = await call('--calibrate', 'val', '--out', out);
    expect(whole.code).to.equal(2);
    expect(whole.err).to.contain('--calibrate: expected an adaptor').and.to.contain('a whole network');
    const learned = await call('--calibrate', 'val', '--adapt', 'learned', '--out', out);
    expect(learned.err).to.contain('--calibrate: expected an adaptor');
    const adapted = await call('--adapt', 'lora:2%', '--calibrate', 'val', '--out', out);
    expect(adapted.code, adapted.err).to.equal(0);
    const { calibration } = JSON.parse(adapted.out) as { calibration: { level: string; images: number; data: string } };
    expect(calibration).to.deep.include({ level: 'jpeg=10', images: 50, data: 'scenes:7@32x64' });
    expect(JSON.parse(readFileSync(file, 'utf8')))
      .to.have.nested.property('levels[0]')
      .that.deep.equals(calibration);
    // Nothing is trained again, and frames that were trained on are refused.
    const again = await call('--adapt', 'lora:2%', '--calibrate', 'train[0:50]', '--out', out, '--resume');
    expect(again.code).to.equal(1);
    expect(again.err).to.contain('E_CALIBRATE');
  });

  it('finetune --adapt gives low-rank changes, which eval and infer take like any adaptor', async () => {
    const [adaptors, picture] = [join(root, 'low-rank'), join(root, 'picture.png')];
    const out = join(adaptors, 'jpeg=5');
    const demo = 'checkpoints/demo';
    const call = ['finetune', '--checkpoint', demo, '--level', 'jpeg=5', '--epochs', '1', ...SMALL, '--size', '32x48'];
    const adapted = await gearnn(...call, '--adapt', 'lora:2%', '--out', out);
    expect(adapted.code, adapted.err).to.equal(0);
    const config = JSON.parse(readFileSync(join(out, 'lora_config.json'), 'utf8')) as { parameters: number };
    const { parameters } = config;
    expect(JSON.parse(adapted.out)).to.deep.include({ adaptor: out, parameters, level: 'jpeg=5' });
    expect(config).to.have.nested.property('budget.parameters').that.is.at.least(parameters);

    const evaluated = await gearnn(
      ...[
        'eval',
        '--checkpoint',
        demo,
        '--adaptors',
        adaptors,
        '--data',
        'scenes:7@32x64',
        '--level',
        'jpeg=5',
        '--json',
      ],
    );
    expect(evaluated.code, evaluated.err).to.equal(0);
    const { rows } = JSON.parse(evaluated.out) as { rows: { method: string }[] };
    expect(rows.map(({ method }) => method)).to.deep.equal(['original', 'adaptor']);
    const scenes = await openDataset('scenes:7@32x64');
    writeFileSync(picture, await encodePng(await scenes.readImage(scenes.samples('val')[0]!)));
    const lines = join(root, 'frames.jsonl');
    const inferred = await gearnn(
      ...['infer', picture, '--checkpoint', demo, '--adaptors', adaptors, '--level', 'jpeg=5'],
      ...['--out', join(root, 'masks'), '--jsonl', lines],
    );
    expect(inferred.code, inferred.err).to.equal(0);
    expect(readFileSync(lines, 'utf8')).to.contain('"level":"jpeg=5"');
  });

  it('finetune names a folder of prepared copies that is not there', async () => {
    const call = ['finetune', '--checkpoint', 'checkpoints/demo', '--data', 'scenes:7', '--level', 'jpeg=5'];
    const prepared = join(root, 'nowhere');
    const { code, err } = await gearnn(...call, '--prepared', prepared, '--out', join(root, 'never'));
    expect(code).to.equal(1);
    expect(err).to.contain(`${prepared}: expected a folder of prepared copies`).and.to.contain('E_DATA_ROOT');
  });

  for (const [title, options, message] of [
    ['a size that the network cannot take', ['--size', '30x48'], /multiples of 8, got 30x48\. Use 32x48\./],
    ['a schedule that is none', ['--schedule', 'cosine'], /schedule: expected poly, /],
    ['a slice that is none', ['--samples', '4:2'], /--samples: expected samples such as 0:300/],
    ['a scale that is none', ['--scale', '2:1'], /--scale: expected MIN:MAX/],
    ['an unknown network', ['--model', 'vgg'], /model: expected one of drn-c-26/],
  ] as [string, string[], RegExp][]) {
    it(`${title} exits with 2 and leaves nothing behind`, async () => {
      const out = join(root, 'never');
      const call = ['train', '--data', 'scenes:7@32x64', '--model', 'drn-d-22', '--width', '0.125', '--engine', 'cpu'];
      const { code, err } = await gearnn(...call, '--out', out, '--log', `${out}.jsonl`, ...options);
      expect({ code, out: existsSync(out), log: existsSync(`${out}.jsonl`) }).to.deep.equal({
        code: 2,
        out: false,
        log: false,
      });
      expect(err).to.match(message);
    });
  }
});
