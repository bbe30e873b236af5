import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../../cli/program.js';
import { RATES, type AdaptRow } from '../../src/adapt/options.js';
import { readSource, ROOT } from '../support/sources.js';

const NAMES = readdirSync(join(ROOT, 'experiments')).filter((name) =>
  existsSync(join(ROOT, 'experiments', name, 'adapt.json')),
);

/** As much of an experiment's config as is checked. */
interface Config {
  experiment: string;
  import: object;
  adapt: { level: string[]; steps: number; rate?: number[] };
}

const OPTIONS = join(ROOT, 'scripts/experiments/adapt-options.mjs');

describe('adapt: committed experiments', () => {
  it('are there', () => expect(NAMES).to.include('ocr-jpeg'));

  it('are read by their script as options, lists as each command has them, and variables from the environment', () => {
    const words = (part: string): string[] => {
      const call = [OPTIONS, join(ROOT, 'experiments/ocr-jpeg/config.json'), part];
      const env = { ...process.env, CAMVID: '/camvid' };
      return execFileSync(process.execPath, call, { env, encoding: 'utf8' }).trimEnd().split('\n');
    };
    expect(words('adapt')).to.deep.equal(['--level', 'jpeg=5', '--level', 'jpeg=10', '--steps', '400', '--seed', '1']);
    expect(words('pictures').slice(0, 3)).to.deep.equal(['--train', '/camvid/train/0001TP*.png', '/camvid/train/0006R0*.png']); // prettier-ignore
  });

  it('are refused by name where there is none, and without their data', () => {
    const script = join(ROOT, 'scripts/experiments/adapt-onnx.sh');
    const { status, stderr } = spawnSync('bash', [script, 'photos'], { encoding: 'utf8' });
    expect({ status, stderr }).to.deep.equal({
      status: 2,
      stderr: 'adapt-onnx.sh: expected one of lines-jpeg ocr-dim ocr-jpeg people-dim, got photos\n',
    });
    const call = [OPTIONS, join(ROOT, 'experiments/people-dim/config.json'), 'pictures'];
    const without = spawnSync(process.execPath, call, { env: { PATH: process.env['PATH'] }, encoding: 'utf8' });
    expect(without.status).to.equal(2);
    expect(without.stderr).to.contain('set PENN_FUDAN');
  });

  for (const name of NAMES) {
    it(`the table of experiments/${name}/report.md has the figures of its adapt.json`, () => {
      const { rows } = JSON.parse(readSource(`experiments/${name}/adapt.json`)) as { rows: AdaptRow[] };
      const lines = readSource(`experiments/${name}/report.md`).split('\n');
      for (const { level, before, after, parameters } of rows) {
        const line = lines.find((text) => text.startsWith(`| \`${level}\``));
        const won = `${Math.round((100 * (after - before)) / (1 - before))}%`;
        const cells = [before.toFixed(3), after.toFixed(3), won, parameters.toLocaleString('en')];
        expect(line?.split('|').map((cell) => cell.trim())).to.include.members(cells);
      }
    });

    it(`its config has the levels of its adapt.json, steps and rates that the rows can have, and options that the commands know`, () => {
      const { rows } = JSON.parse(readSource(`experiments/${name}/adapt.json`)) as { rows: AdaptRow[] };
      const config = JSON.parse(readSource(`experiments/${name}/config.json`)) as Config;
      expect(config.experiment).to.equal(name);
      expect(rows.map(({ level }) => level)).to.deep.equal(config.adapt.level);
      for (const { rate, steps } of rows) {
        expect(steps).to.be.at.most(config.adapt.steps);
        expect([0, ...(config.adapt.rate ?? [...RATES.aligned, ...RATES.fresh])]).to.include(rate);
      }
      for (const command of ['import', 'adapt'] as const) {
        const { options } = createProgram().commands.find((one) => one.name() === command)!;
        const known = options.map(({ long }) => long);
        for (const option of Object.keys(config[command])) expect(known).to.include(`--${option}`);
      }
      expect(readSource(`experiments/${name}/report.md`)).to.contain(`scripts/experiments/adapt-onnx.sh ${name}`);
    });
  }
});
