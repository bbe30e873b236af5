import { expect } from 'chai';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { adaptorHash, type CalibrationRow, writeCalibration } from '../../src/adaptor/calibration.js';
import { loadAdaptor, saveAdaptor } from '../../src/adaptor/file.js';
import { scaledAdaptor } from '../../src/adaptor/merge.js';
import type { CalibrationUse } from '../../src/adaptor/serving.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import type { Pixels } from '../../src/image/pixels.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { mergedLevels } from '../../src/serve/merged-levels.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { temporaryFolder } from '../data/support/folders.js';
import { onTensorflow } from '../support/engines.js';
import { crop, scene } from './support/frames.js';

const DEMO = 'checkpoints/demo';
const [HALF, NEIGHBOUR, BASE, GONE, PLAIN] = ['brightness=0.3', 'jpeg=10', 'jpeg=50', 'jpeg=90', 'jpeg=20'];

onTensorflow('serving a calibrated folder', () => {
  const folder = temporaryFolder();
  const adaptors = (): string => join(folder(), 'adaptors');
  let small: Pixels;

  before(async () => {
    small = crop(await scene(), 64, 96);
    for (const level of [HALF, NEIGHBOUR, BASE, GONE, PLAIN, 'jpeg=5'])
      await cp(join(DEMO, 'adaptors', level), join(adaptors(), level), { recursive: true });
    const base = await loadCheckpoint(DEMO);
    const row = async (level: string, given: Partial<CalibrationRow>): Promise<CalibrationRow> => {
      const levels = [...new Set([level, given.adaptor ?? level])];
      const hashes = await Promise.all(levels.map(async (one) => [one, await adaptorHash(join(adaptors(), one))]));
      return {
        ...{ level, serves: true, adaptor: level, share: 1, score: 'miou', base: 0.4, candidate: 0.5, gain: 0.1 },
        ...{ low: 0.05, high: 0.2, candidates: 5, agreement: false, data: 'x', samples: 'val', images: 50 },
        ...{ hashes: Object.fromEntries(hashes) as Record<string, string>, ...given },
      };
    };
    const lost = { serves: false, gain: -0.01, low: -0.02, high: 0.01 };
    await writeCalibration(adaptors(), base.hash, [
      await row(HALF, { share: 0.5 }),
      await row(NEIGHBOUR, { adaptor: 'jpeg=5' }),
      await row(BASE, lost),
      await row(GONE, lost),
    ]);
    await rm(join(adaptors(), GONE), { recursive: true });
    const half = scaledAdaptor(await loadAdaptor(join(adaptors(), HALF)), 0.5, (name) => base.state.get(name));
    await saveAdaptor(join(folder(), 'half'), half.config, half.state);
  });

  async function masks(options: { adaptors?: string; calibration?: CalibrationUse }, levels: string[]) {
    const notes: string[] = [];
    const runner = await AdaptiveRunner.load({ checkpoint: DEMO, ...options, warn: (note) => notes.push(note) });
    const answers = [];
    for (const level of levels) answers.push(await runner.infer(small, { level }));
    const { adaptors: resident } = runner.describe();
    runner.dispose();
    return { answers, notes, resident };
  }

  it('answers by what serves each level, and says so', async function () {
    this.timeout(60_000);
    const { answers, notes, resident } = await masks({ adaptors: adaptors() }, [HALF, NEIGHBOUR, BASE, GONE, PLAIN]);
    expect(answers.map(({ level, reason }) => [level, reason])).to.deep.equal([
      [HALF, `calibrated: 0.5 of the adaptor ${HALF} is best at ${HALF}`],
      [NEIGHBOUR, `calibrated: the adaptor jpeg=5 is best at ${NEIGHBOUR}`],
      ['clean', `calibrated: base is better at ${BASE}`],
      ['clean', `calibrated: base is better at ${GONE}`],
      [PLAIN, undefined],
    ]);
    expect(notes.join()).to.contain(`not calibrated: jpeg=5, ${PLAIN};`);
    expect(resident.filter(({ parameters }) => parameters === 0).map(({ level }) => level)).to.deep.equal([BASE, GONE]);
    const [half] = (await masks({ adaptors: join(folder(), 'half') }, [HALF])).answers;
    const [, five] = (await masks({ adaptors: join(DEMO, 'adaptors') }, ['clean', 'jpeg=5'])).answers;
    const [base] = (await masks({}, ['clean'])).answers;
    const wanted = [half!, five!, base!, base!].map(({ mask }) => mask);
    wanted.forEach((mask, i) => expect(Buffer.compare(answers[i]!.mask, mask), String(i)).to.equal(0));
    expect(Buffer.compare(half!.mask, base!.mask)).to.not.equal(0);
  });

  it('with `only` the base answers what was not measured; with `ignored` every adaptor serves as it is', async function () {
    this.timeout(60_000);
    const only = await masks({ adaptors: adaptors(), calibration: 'only' }, [PLAIN, NEIGHBOUR]);
    expect(only.answers.map(({ level }) => level)).to.deep.equal(['clean', NEIGHBOUR]);
    expect(only.answers[0]!.reason).to.equal(`the adaptor of ${PLAIN} is not calibrated`);
    const ignored = await masks({ adaptors: adaptors(), calibration: 'ignored' }, [BASE, HALF]);
    expect(ignored.answers.map(({ level, reason }) => [level, reason])).to.deep.equal([
      [BASE, undefined],
      [HALF, undefined],
    ]);
  });

  it('gearnn eval scores what serves, and gearnn export writes it', async function () {
    this.timeout(60_000);
    const rows = await evaluateLevels({
      ...{ checkpoint: DEMO, adaptors: adaptors(), data: 'scenes:7@64x128', split: 'val[:4]', levels: [BASE, HALF] },
    });
    const [original, base, dark, half] = rows;
    expect([base!.method, base!.scores, base!.parameters]).to.deep.equal([
      'adaptor',
      original!.scores,
      original!.parameters,
    ]);
    expect(base!.reason).to.contain('base is better');
    expect(half!.scores).to.not.deep.equal(dark!.scores);
    const merged = await mergedLevels(adaptors(), await loadCheckpoint(DEMO));
    const state = new Map(merged.map((one) => [one.level, one.state]));
    expect(state.get(BASE)!.size).to.equal(0);
    expect(state.get(GONE)!.size).to.equal(0);
    const written = (await loadAdaptor(join(folder(), 'half'))).state;
    for (const [name, { data }] of state.get(HALF)!) expect(data, name).to.deep.equal(written.get(name)!.data);
    expect(state.get(NEIGHBOUR)).to.deep.equal(state.get('jpeg=5'));
  });
});
