import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exampleResults } from '../report/support/results.js';
import { writeCheckpoint } from '../support/checkpoints.js';
import { GEARNN } from '../support/programs.js';
import { readSource, ROOT } from '../support/sources.js';

const CONFIG = { experiment: 'x', data: 'scenes:1@32x32', base: { checkpoint: 'base' }, levels: ['jpeg=5', 'jpeg=20'] };

describe('cli: run and report', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-cli-run-'));
    await writeCheckpoint(join(folder, 'base'));
    await writeFile(join(folder, 'config.json'), JSON.stringify(CONFIG));
    await writeFile(join(folder, 'results.json'), JSON.stringify(exampleResults()));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const at = (name: string): string => join(folder, name);
  const gearnn = (...parameters: string[]): Promise<{ stdout: string; stderr: string }> => {
    const env = { ...process.env, NO_COLOR: '1' };
    return promisify(execFile)(process.execPath, [...GEARNN, ...parameters], { cwd: ROOT, env });
  };
  const code = (...parameters: string[]): Promise<{ code: number; stderr: string }> =>
    gearnn(...parameters).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    );

  it('run --dry-run --json lists every step with state, reason and folder, and makes none', async () => {
    const { stdout } = await gearnn(
      'run',
      at('config.json'),
      '--dry-run',
      '--json',
      '--engine',
      'cpu',
      '--work',
      at('work'),
      '--no-frames',
    );
    const { steps } = JSON.parse(stdout) as { steps: { id: string; state: string; why: string }[] };
    expect(steps.map(({ id }) => id)).to.include.members(['base', 'full jpeg=5', 'adaptor jpeg=20']);
    expect(steps.filter(({ id }) => id.startsWith('frames'))).to.deep.equal([]);
    expect(steps[0]).to.include({ id: 'base', state: 'run', why: 'it never ran' });
    expect(existsSync(join(folder, 'work', 'steps'))).to.equal(false);
  });

  it('run --only takes several levels, and refuses one that the experiment does not have', async () => {
    const dry = ['run', at('config.json'), '--dry-run', '--json', '--engine', 'cpu', '--work', at('work')];
    const { stdout } = await gearnn(...dry, '--only', 'jpeg=20');
    expect(stdout).to.contain('adaptor jpeg=20').and.not.contain('adaptor jpeg=5');
    const { code: status, stderr } = await code(...dry, '--only', 'jpeg=20', 'jpeg=7');
    expect(status).to.equal(2);
    expect(stderr).to.contain('"jpeg=7"').and.contain('E_PIPELINE_CONFIG');
  });

  it('run --only takes methods, at all levels or at those it names too', async () => {
    const dry = ['run', at('config.json'), '--dry-run', '--json', '--engine', 'cpu', '--work', at('work')];
    const one = await gearnn(...dry, '--only', 'switching', 'jpeg=20');
    expect(one.stdout)
      .to.contain('evaluate switching jpeg=20')
      .and.not.match(/adaptor|evaluate \w+ jpeg=5/);
    const all = await gearnn(...dry, '--only', 'original');
    expect(all.stdout).to.contain('evaluate original jpeg=5').and.contain('evaluate original jpeg=20');
    expect(all.stdout).not.to.contain('full');
    const { code: status, stderr } = await code(...dry, '--only', 'magic');
    expect(status).to.equal(2);
    expect(stderr).to.contain('methods of the experiment (original, adaptor, switching)').and.contain('"magic"');
  });

  it('run asks for bf16 only where a step that computes in it has to run', async () => {
    await writeFile(at('bf16.json'), JSON.stringify({ ...CONFIG, precision: { train: 'bf16' } }));
    const call = ['run', at('bf16.json'), '--engine', 'cpu', '--work', at('work')];
    expect((await gearnn(...call, '--dry-run')).stdout).to.contain('full jpeg=5');
    const { code: status, stderr } = await code(...call);
    expect(status).to.equal(1);
    expect(stderr).to.contain('E_ENGINE_PRECISION');
    expect(existsSync(join(folder, 'work', 'steps'))).to.equal(false);
  });

  it('run with a config that is not there is a wrong call', async () => {
    expect(await code('run', at('none.json'))).to.have.property('code', 2);
  });

  it('run of a config of kind memory counts, and refuses flags that mean nothing to it', async () => {
    const path = join(ROOT, 'experiments/table-1/config.json');
    const { stdout } = await gearnn('run', path, '--out', at('memory'));
    expect(stdout).to.match(/^adaptors +16,193,465 +1\.8% +16,193,465$/m);
    expect(readFileSync(join(folder, 'memory', 'report.md'), 'utf8')).to.contain('| switching | 182,159,061 | 600% |');
    const dry = await gearnn('run', path, '--out', at('none'), '--dry-run', '--json');
    expect((JSON.parse(dry.stdout) as { steps: object[] }).steps).to.have.length(2);
    expect(existsSync(at('none'))).to.equal(false);
    const useless = [
      ...[['--only', 'x'], ['--no-frames'], ['--threads', '2'], ['--dry-run', '--estimate'], ['--same-machine']],
      ...[
        ['--store', at('store')],
        ['--queue', 'redis://127.0.0.1:1/0'],
      ],
    ];
    for (const flags of useless) {
      const { code: status, stderr } = await code('run', path, '--out', at('none'), ...flags);
      expect(status).to.equal(2);
      expect(stderr)
        .to.contain(flags[1]?.startsWith('--') ? flags[1] : flags[0])
        .and.contain('of kind "memory"');
    }
  });

  it('report of results of kind memory writes its page again, and has no plots', async () => {
    const path = join(ROOT, 'experiments/table-1/results.json');
    const { stdout } = await gearnn('report', path, '--out', at('counted'));
    expect(stdout).to.match(/^switching +182,159,061 +600% +182,159,061$/m);
    expect(readFileSync(join(folder, 'counted', 'report.md'), 'utf8')).to.equal(
      readSource('experiments/table-1/report.md'),
    );
    const { code: status, stderr } = await code('report', path, '--out', at('counted'), '--plots');
    expect(status).to.equal(2);
    expect(stderr).to.contain('--plots').and.contain('of kind "memory"');
  });

  it('report writes both pages and prints a row per level', async () => {
    const { stdout } = await gearnn('report', at('results.json'), '--out', at('pages'));
    expect(stdout).to.match(/^jpeg=10 +0\.443 +0\.503 +0\.512$/m);
    expect(readFileSync(join(folder, 'pages', 'report.md'), 'utf8')).to.contain('# camvid-jpeg');
    expect(readFileSync(join(folder, 'pages', 'report.html'), 'utf8')).to.contain('<title>camvid-jpeg</title>');
  });

  it('report of a file that holds no results fails with the field that is wrong', async () => {
    await writeFile(join(folder, 'wrong.json'), '{"experiment":"x"}');
    const { code: status, stderr } = await code('report', at('wrong.json'));
    expect(status).to.equal(1);
    expect(stderr).to.contain('wrong.json').and.contain('E_REPORT_RESULTS');
  });
});
