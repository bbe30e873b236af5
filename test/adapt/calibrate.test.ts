import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calibrate } from '../../src/adapt/calibrate.js';
import { CALIBRATION, readCalibration } from '../../src/adaptor/calibration.js';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { encodePng } from '../../src/image/encode.js';
import { temporaryFolder, write } from '../data/support/folders.js';
import { adaptorsIn, LEVEL, writeClassifier } from '../support/classifier.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { copyAdaptor } from './support/copy-adaptor.js';

const checkpoint = 'checkpoints/demo';

onTensorflow('calibrate', () => {
  const folder = temporaryFolder();
  const usual = { checkpoint, data: 'scenes:7@64x128', samples: { split: 'val', start: 0, end: 12 }, block: 1 };
  const adaptors = (): string => join(folder(), 'adaptors');

  before(async function () {
    this.timeout(60_000);
    await startEngine({ engine: 'tensorflow' });
    await cp(join(checkpoint, 'adaptors/brightness=0.3'), join(adaptors(), 'brightness=0.3'), { recursive: true });
    // What is right for dark pictures harms those that are hardly compressed.
    await copyAdaptor(join(checkpoint, 'adaptors/brightness=0.3'), adaptors(), 'jpeg=90');
    for (const sample of (await openDataset('scenes:7@64x64')).samples('train').slice(0, 10)) {
      const image = await (await openDataset('scenes:7@64x64')).readImage(sample);
      await write(folder(), `photos/${sample.id}.png`, await encodePng(image));
    }
  });

  it('lets an adaptor serve that is better, and the base where one is worse; gearnn eval has the same scores', async function () {
    this.timeout(120_000);
    const tensors = tf.memory().numTensors;
    const warnings: string[] = [];
    const { rows, path } = await calibrate({ ...usual, adaptors: adaptors(), warn: (text) => warnings.push(text) });
    expect(tf.memory().numTensors).to.equal(tensors);
    expect(path).to.equal(join(adaptors(), CALIBRATION));
    expect((await readCalibration(adaptors()))!.levels).to.deep.equal(rows);
    const [dark, light] = rows;
    expect(dark).to.include({ level: 'brightness=0.3', serves: true, adaptor: 'brightness=0.3', images: 12 });
    expect(dark!.low).to.be.above(0);
    expect(light).to.include({ level: 'jpeg=90', serves: false });
    expect(warnings.join()).to.contain('nothing tells whether its adaptor was trained on frames of scenes:7@64x128');
    const scored = await evaluateLevels({
      ...{ checkpoint, data: usual.data, split: 'val[:12]', levels: ['brightness=0.3'] },
    });
    expect(scored[0]!.scores['miou']).to.be.closeTo(dark!.base, 1e-9);
  });

  it('compares neighbours of the same kind, and takes one that is better', async function () {
    this.timeout(120_000);
    const out = join(folder(), 'neighbours');
    await cp(join(adaptors(), 'jpeg=90'), join(out, 'brightness=0.25'), { recursive: true });
    // An adaptor for another kind of distortion under the level of a dark one: what lies beside it is better there.
    const own = join(out, 'brightness=0.3');
    await cp(join(checkpoint, 'adaptors/jpeg=5'), own, { recursive: true });
    const rename = async (path: string, from: string, to: string): Promise<void> =>
      writeFile(path, (await readFile(path, 'utf8')).replace(`"${from}"`, `"${to}"`));
    await rename(join(own, 'adaptor_config.json'), 'jpeg=5', 'brightness=0.3');
    await rename(join(out, 'brightness=0.25/adaptor_config.json'), 'jpeg=90', 'brightness=0.25');
    const { rows } = await calibrate({ ...usual, adaptors: out, levels: ['brightness=0.3'] });
    expect(rows).to.have.length(1);
    expect(rows[0]).to.include({ serves: true, adaptor: 'brightness=0.25', share: 1, candidates: 5 });
    expect(Object.keys(rows[0]!.hashes).sort()).to.deep.equal(['brightness=0.25', 'brightness=0.3']);
  });

  it('compares certain shares alone', async function () {
    this.timeout(120_000);
    const levels = ['brightness=0.3'];
    const { rows } = await calibrate({ ...usual, adaptors: adaptors(), levels, shares: [0.5, 0.5] });
    expect(rows[0]).to.include({ serves: true, adaptor: 'brightness=0.3', share: 0.5, candidates: 1 });
    for (const shares of [[], [0], [1.5], [NaN]])
      await expectFailure(calibrate({ ...usual, adaptors: adaptors(), levels, shares }), 'E_USAGE', 'shares over 0');
  });

  it('measures agreement of a network that classifies, on pictures without labels', async function () {
    this.timeout(120_000);
    const classifier = join(folder(), 'classifier');
    await writeClassifier(classifier);
    const { rows, heading } = await calibrate({
      ...{ checkpoint: classifier, adaptors: adaptorsIn(classifier), data: `images:${join(folder(), 'photos')}` },
      ...{ samples: { split: 'train', start: 0 }, block: 1 },
    });
    expect(heading).to.equal('top-1');
    expect(rows[0]).to.include({ level: LEVEL, agreement: true, score: 'top1', candidates: 4 });
  });

  it('refuses frames that an adaptor was trained on, too few, and levels without an adaptor', async () => {
    const all = { ...usual, adaptors: join(checkpoint, 'adaptors') };
    const trained = { ...all, data: 'scenes:7', levels: ['jpeg=5'] };
    const over = { split: 'all', start: 190, end: 210 };
    await expectFailure(calibrate({ ...trained, samples: over }), 'E_CALIBRATE', '10 of 20 that it was trained on');
    await expectFailure(calibrate({ ...all, block: 10 }), 'E_CALIBRATE', '50 frames or more', 'got 12');
    await expectFailure(calibrate({ ...all, levels: ['jpeg=77'] }), 'E_USAGE', 'jpeg=77');
    expect(existsSync(join(checkpoint, 'adaptors', CALIBRATION))).to.equal(false);
  });

  it('writes nothing when it is interrupted', async function () {
    this.timeout(60_000);
    const out = join(folder(), 'interrupted');
    await cp(join(adaptors(), 'brightness=0.3'), join(out, 'brightness=0.3'), { recursive: true });
    const stop = new AbortController();
    const progress = (): void => stop.abort(new Error('enough'));
    const error = await calibrate({ ...usual, adaptors: out, progress, signal: stop.signal }).catch(
      (one: Error) => one,
    );
    expect(error).to.have.property('message', 'enough');
    expect(existsSync(join(out, CALIBRATION))).to.equal(false);
  });
});
