import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../../src/engine/start.js';
import { finetune } from '../../../src/train/finetune.js';
import { OBJECTS, writeFreshDetector } from '../../support/detector.js';
import { expectFailure } from '../../support/failure.js';

describe('train: objectives of detectors', () => {
  let folder: string;
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'gearnn-objectives-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  it('stability is refused: samples would be of one of the two pictures alone', async () => {
    const engine = await startEngine({ engine: 'cpu' });
    const checkpoint = await writeFreshDetector(join(folder, 'base'));
    const options = {
      checkpoint,
      level: 'jpeg=5',
      data: OBJECTS,
      out: join(folder, 'out'),
      size: [96, 160] as [number, number],
    };
    const run = finetune({ ...options, engine, objective: 'stability:1:0.1', epochs: 1, batch: 2 });
    await expectFailure(run, 'E_USAGE', 'whose loss is of its outputs', 'maskrcnn-efficientnet-lite0-fpn');
  });
});
