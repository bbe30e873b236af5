import { expect } from 'chai';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { encodePng } from '../../src/image/encode.js';
import { encodeLabelMap } from '../../src/image/labels.js';
import { importOnnx } from '../../src/models/onnx/index.js';
import { finetune } from '../../src/train/finetune.js';
import { floats, modelFile } from '../models/onnx/support/build.js';
import { onTensorflow } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { temporaryFolder, write } from './support/folders.js';

const SIDE = 16;

onTensorflow('data: lists of masks', () => {
  const folder = temporaryFolder();

  /** Pictures whose right half is bright, and masks of it in a stored id; the first row is marked with 9. */
  async function makeData(name: string, stored: number, description: object = {}): Promise<string> {
    const isRight = (i: number): boolean => i % SIDE >= SIDE / 2;
    for (let k = 0; k < 8; k++) {
      const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (isRight(Math.floor(i / 3)) ? 200 + k : 20 + k)); // prettier-ignore
      const mask = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (i < SIDE ? 9 : isRight(i) ? stored : 0));
      await write(folder(), `${name}/${k}.png`, await encodePng({ data, width: SIDE, height: SIDE, channels: 3 }));
      await write(folder(), `${name}/masks/${k}.png`, encodeLabelMap({ data: mask, width: SIDE, height: SIDE }));
    }
    const lines = (from: number, to: number): string =>
      [...Array(8).keys()]
        .slice(from, to)
        .map((k) => `${k}.png masks/${k}.png\n`)
        .join('');
    await write(folder(), `${name}/train.txt`, lines(0, 6));
    await write(folder(), `${name}/val.txt`, lines(6, 8));
    const splits = { train: 'train.txt', val: 'val.txt' };
    await write(folder(), `${name}/dataset.json`, JSON.stringify({ task: 'foreground', splits, ...description }));
    return `list:${join(folder(), name)}`;
  }

  it('take every id but 0 for foreground, and one for pixels that count nowhere where that is stated', async () => {
    for (const stored of [1, 3, 255]) {
      const dataset = await openDataset(await makeData(`ids${stored}`, stored, { ignore: 9 }));
      expect([dataset.targets.name, dataset.ignore, dataset.classes.length]).to.deep.equal(['foreground', 255, 2]);
      const { data } = (await dataset.readTarget(dataset.samples('val')[0]!)) as { data: Uint8Array };
      expect([...data.subarray(0, SIDE)]).to.deep.equal(Array(SIDE).fill(255));
      expect([...data.subarray(SIDE, 2 * SIDE)]).to.deep.equal([...Array(8).fill(0), ...Array(8).fill(1)]);
    }
    const all = await openDataset(await makeData('all', 255));
    const { data } = (await all.readTarget(all.samples('val')[0]!)) as { data: Uint8Array };
    expect([...data.subarray(0, SIDE)]).to.deep.equal(Array(SIDE).fill(1));
    const wrong = openDataset(await makeData('wrong', 1, { classes: [{ name: 'person', color: [1, 2, 3] }] }));
    await expectFailure(wrong, 'E_DATA_DESCRIPTION', 'background and foreground');
  });

  it('measure and teach a network for foreground, whatever its classes are called', async function () {
    this.timeout(60_000);
    const engine = await startEngine({ engine: 'tensorflow' });
    const file = modelFile({
      inputs: { x: ['n', 3, 'h', 'w'] },
      initializers: [floats('w', [1, 3, 1, 1], [0.5, 0.5, 0.5]), floats('b', [1], [0])],
      nodes: [
        { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['a'] },
        { op: 'Sigmoid', inputs: ['a'] },
      ],
    });
    const [checkpoint, tuned] = [join(folder(), 'net'), join(folder(), 'tuned')];
    await importOnnx({ file, out: checkpoint, task: 'foreground', mean: [0, 0, 0], std: [1, 1, 1] });
    const data = await makeData('teach', 255, { ignore: 9 });
    const iouOf = async (of: string): Promise<number> => {
      const [row] = await evaluateLevels({ checkpoint: of, data, split: 'val', levels: ['clean'] });
      return row!.scores['iou']!;
    };
    // It takes all that is not black for foreground: half is right.
    expect(await iouOf(checkpoint)).to.equal(0.5);
    await finetune({
      ...{ checkpoint, data, level: 'clean', out: tuned, objective: 'labels', steps: 60, batch: 2, seed: 1, engine },
      ...{ size: [8, 8], learningRate: 1 },
    });
    expect(await iouOf(tuned)).to.equal(1);
  });
});
