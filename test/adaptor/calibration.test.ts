import { expect } from 'chai';
import { appendFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  adaptorHash,
  CALIBRATION,
  type CalibrationRow,
  readCalibration,
  reasonOf,
  writeCalibration,
} from '../../src/adaptor/calibration.js';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { Serving } from '../../src/adaptor/serving.js';
import { type Checkpoint, loadCheckpoint } from '../../src/models/checkpoint.js';
import { temporaryFolder } from '../data/support/folders.js';
import { expectFailure } from '../support/failure.js';

const DEMO = 'checkpoints/demo';

describe('calibration of a folder of adaptors', () => {
  const folder = temporaryFolder();
  let base: Checkpoint;
  const inside = (level: string): string => join(folder(), level);

  async function row(level: string, given: Partial<CalibrationRow> = {}): Promise<CalibrationRow> {
    const adaptor = given.adaptor ?? level;
    const own = await Promise.all(
      [...new Set([level, adaptor])].map(async (one) => [one, await adaptorHash(inside(one))]),
    );
    return {
      ...{ level, serves: true, adaptor, share: 1, score: 'miou', base: 0.4, candidate: 0.5 },
      ...{ gain: 0.1, low: 0.05, high: 0.15, candidates: 5, agreement: false },
      ...{ data: 'camvid', samples: 'val', images: 101, hashes: Object.fromEntries(own) as Record<string, string> },
      ...given,
    };
  }

  before(async () => (base = await loadCheckpoint(DEMO)));
  beforeEach(async () => {
    for (const level of ['jpeg=5', 'jpeg=10', 'jpeg=50'])
      await cp(join(DEMO, 'adaptors', level), inside(level), { recursive: true });
    await rm(join(folder(), CALIBRATION), { force: true });
  });

  it('says at each level what serves: its own, a part of it, a neighbour, or the base, and why', async () => {
    await writeCalibration(folder(), base.hash, [
      await row('jpeg=5', { share: 0.5 }),
      await row('jpeg=10', { adaptor: 'jpeg=5' }),
      await row('jpeg=50', { serves: false, gain: -0.01, low: -0.02, high: 0.01 }),
    ]);
    const serving = await Serving.open(folder(), base);
    const half = await serving.at(inside('jpeg=5'));
    expect(half).to.include({
      level: 'jpeg=5',
      share: 0.5,
      reason: 'calibrated: 0.5 of the adaptor jpeg=5 is best at jpeg=5',
    });
    const neighbour = await serving.at(inside('jpeg=10'));
    expect(neighbour.adaptor!.config.level).to.equal('jpeg=10');
    expect(neighbour.adaptor!.state).to.deep.equal((await loadAdaptor(inside('jpeg=5'))).state);
    const none = await serving.at(inside('jpeg=50'));
    expect(none).to.deep.equal({ level: 'jpeg=50', share: 1, reason: 'calibrated: base is better at jpeg=50' });
    expect(serving.notes).to.deep.equal([]);
  });

  it('does not call the base better where nothing is sure', async () => {
    const unsure = await row('jpeg=50', { serves: false, gain: 0.01, low: -0.02, high: 0.03 });
    expect(reasonOf(unsure)).to.equal('calibrated: no adaptor is surely better than the base at jpeg=50');
    expect(reasonOf(await row('jpeg=50'))).to.equal(undefined);
  });

  it('an adaptor without a measured gain serves as it is, which is said; with `only` the base does', async () => {
    await writeCalibration(folder(), base.hash, [await row('jpeg=5')]);
    const known = await Serving.open(folder(), base);
    expect((await known.at(inside('jpeg=10'))).adaptor!.config.level).to.equal('jpeg=10');
    expect(known.notes.join()).to.contain('not calibrated: jpeg=10').and.to.not.contain('jpeg=5');
    const only = await Serving.open(folder(), base, 'only');
    expect(await only.at(inside('jpeg=10'))).to.deep.equal({
      ...{ level: 'jpeg=10', share: 1, reason: 'the adaptor of jpeg=10 is not calibrated' },
    });
    expect((await only.at(inside('jpeg=5'))).adaptor).to.not.equal(undefined);
  });

  it('notices that an adaptor changed since, its own or the one that serves, and that the base is another', async () => {
    await writeCalibration(folder(), base.hash, [
      await row('jpeg=5', { share: 0.5 }),
      await row('jpeg=10', { adaptor: 'jpeg=5' }),
      await row('jpeg=50', { share: 0.25 }),
    ]);
    await appendFile(join(inside('jpeg=5'), 'adaptor_config.json'), ' ');
    const serving = await Serving.open(folder(), base);
    for (const level of ['jpeg=5', 'jpeg=10']) expect(await serving.at(inside(level))).to.include({ level, share: 1 });
    expect((await serving.at(inside('jpeg=50'))).share).to.equal(0.25);
    expect(serving.notes.join()).to.contain('out of date for jpeg=5, jpeg=10');
    await writeCalibration(folder(), 'f'.repeat(64), [await row('jpeg=50', { share: 0.25 })]);
    const foreign = await Serving.open(folder(), base);
    expect((await foreign.at(inside('jpeg=50'))).share).to.equal(1);
    expect(foreign.notes[0]).to.contain('another base');
  });

  it('an adaptor that is given alone, and every one of a folder that is not to be looked up, serves as it is', async () => {
    await writeCalibration(folder(), base.hash, [await row('jpeg=5', { share: 0.5 })]);
    for (const serving of [await Serving.open(inside('jpeg=5'), base), await Serving.open(folder(), base, 'ignored')])
      expect(await serving.at(inside('jpeg=5'))).to.include({ level: 'jpeg=5', share: 1 });
  });

  it('knows the levels whose adaptor was not worth keeping', async () => {
    const measured = await row('jpeg=50', { serves: false, gain: -0.1 });
    await writeCalibration(folder(), base.hash, [measured, await row('jpeg=5')]);
    await rm(inside('jpeg=50'), { recursive: true });
    const { bases } = await Serving.open(folder(), base);
    expect(bases.map(({ level, reason }) => [level, reason])).to.deep.equal([['jpeg=50', reasonOf(measured)]]);
  });

  it('keeps rows of the same base that were not measured again, and is written whole', async () => {
    await writeCalibration(folder(), base.hash, [await row('jpeg=5'), await row('jpeg=10')]);
    await writeCalibration(folder(), base.hash, [await row('jpeg=10', { share: 0.5 })]);
    const { levels } = (await readCalibration(folder()))!;
    expect(levels.map(({ level, share }) => [level, share])).to.deep.equal([
      ['jpeg=10', 0.5],
      ['jpeg=5', 1],
    ]);
    await writeCalibration(folder(), 'f'.repeat(64), [await row('jpeg=50')]);
    expect((await readCalibration(folder()))!.levels.map(({ level }) => level)).to.deep.equal(['jpeg=50']);
    expect((await readdir(folder())).filter((name) => name.startsWith('.'))).to.deep.equal([]);
  });

  it('a damaged file is an error that names it', async () => {
    await writeCalibration(folder(), base.hash, [await row('jpeg=5')]);
    const path = join(folder(), CALIBRATION);
    const text = await readFile(path, 'utf8');
    for (const wrong of [
      text.slice(0, -20),
      text.replace('"share": 1', '"share": 0'),
      text.replace('"version": 1', '"version": 2'),
    ]) {
      await writeFile(path, wrong);
      await expectFailure(Serving.open(folder(), base), 'E_CALIBRATION', path);
      await expectFailure(writeCalibration(folder(), base.hash, [await row('jpeg=10')]), 'E_CALIBRATION', path);
      expect(await readFile(path, 'utf8')).to.equal(wrong);
    }
  });
});
