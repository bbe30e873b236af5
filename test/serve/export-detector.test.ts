import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { decodeMask } from '../../src/detect/rle.js';
import { exportSavedModel } from '../../src/serve/export.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { OBJECTS, writeFreshDetector } from '../support/detector.js';
import { expectClose, onTensorflow } from '../support/engines.js';
import { requireTool } from '../support/tools.js';

const [HEIGHT, WIDTH, ROOM] = [96, 160, 100];

/** Answers of the model to a frame, one after the other in a file. */
const PROGRAM = `
import sys, numpy, tensorflow as tf
folder, frame, out = sys.argv[1:]
infer = tf.saved_model.load(folder).signatures['serving_default']
image = tf.constant(numpy.fromfile(frame, numpy.uint8).reshape(1, ${HEIGHT}, ${WIDTH}, 3))
answers = infer(image=image, level=tf.constant(['clean']))
print(*(f'{name} {answers[name].dtype.name} {answers[name].shape}' for name in sorted(answers)), sep='\\n')
with open(out, 'wb') as file:
    for name in ['boxes', 'labels', 'scores', 'masks']: file.write(answers[name].numpy().astype('<f4').tobytes())
`;

onTensorflow('export of a detector as a SavedModel', () => {
  let folder: string;
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'gearnn-export-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  it("has torchvision's outputs, which are the runner's objects, in Python's TensorFlow", async function () {
    this.timeout(300_000);
    const python = requireTool(this, 'tensorflow');
    const checkpoint = await writeFreshDetector(join(folder, 'base'));
    const [out, input, output] = ['model', 'frame', 'answers'].map((name) => join(folder, name)) as [string, string, string]; // prettier-ignore
    const dataset = await openDataset(OBJECTS);
    const picture = await dataset.readImage(dataset.samples('val')[0]!);
    const runner = await AdaptiveRunner.load({ checkpoint });
    const { objects } = await runner.infer(picture, { level: 'clean' });
    runner.dispose();
    const { boxes, scores, classes, masks } = objects!;
    expect(classes.length).to.be.above(10);

    const model = await exportSavedModel({ checkpoint, out, size: [HEIGHT, WIDTH] });
    expect(model.outputs).to.deep.equal([
      { name: 'boxes', datatype: 'FP32', shape: [1, ROOM, 4] },
      { name: 'labels', datatype: 'INT32', shape: [1, ROOM] },
      { name: 'scores', datatype: 'FP32', shape: [1, ROOM] },
      { name: 'masks', datatype: 'FP32', shape: [1, ROOM, HEIGHT, WIDTH] },
    ]);
    await writeFile(input, picture.data);
    const printed = execFileSync(python, ['-c', PROGRAM, out, input, output], { encoding: 'utf8', stdio: 'pipe' });
    expect(printed.trim().split('\n')).to.deep.equal([
      `boxes float32 (1, ${ROOM}, 4)`,
      `labels int32 (1, ${ROOM})`,
      `masks float32 (1, ${ROOM}, ${HEIGHT}, ${WIDTH})`,
      `scores float32 (1, ${ROOM})`,
    ]);
    const values = new Float32Array((await readFile(output)).buffer.slice(0));
    const take = (from: number, length: number): Float32Array => values.subarray(from, from + length);
    const [corners, labels, sure] = [take(0, 4 * ROOM), take(4 * ROOM, ROOM), take(5 * ROOM, ROOM)];
    const count = labels.filter((label) => label >= 0).length;
    expect(count).to.equal(classes.length);
    expect([...labels.subarray(0, count)]).to.deep.equal([...classes]);
    expectClose(sure.subarray(0, count), Float32Array.from(scores), 1e-4, 'scores');
    const expected = Float32Array.from(boxes, (value, i) => (i % 4 < 2 ? value : value + boxes[i - 2]!));
    expectClose(corners.subarray(0, 4 * count), expected, 0.05, 'boxes');
    const area = HEIGHT * WIDTH;
    const wrong = masks!.map((mask, i) => {
      const own = decodeMask(mask);
      const found = take(6 * ROOM + i * area, area);
      return own.reduce((sum, inside, pixel) => sum + (inside === Number(found[pixel]! > 0.5) ? 0 : 1), 0);
    });
    // A pixel whose value is .5, or a corner at a whole number, may fall to the other side.
    expect(wrong.filter((pixels) => pixels > area / 100)).to.have.length.below(3);
    expect(take(6 * ROOM + count * area, (ROOM - count) * area).every((value) => value === 0)).to.equal(true);
  });
});
