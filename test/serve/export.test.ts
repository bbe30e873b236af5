import { expect } from 'chai';
import { execFileSync, type StdioOptions } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { openDataset } from '../../src/data/registry.js';
import { startEngine } from '../../src/engine/start.js';
import { exportSavedModel } from '../../src/serve/export.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { onTensorflow } from '../support/engines.js';
import { adaptorsIn, LEVEL, NAMES, writeClassifier } from '../support/classifier.js';
import { requireTool } from '../support/tools.js';
import { writeLowRank } from './support/low-rank.js';

const CHECKPOINT = 'checkpoints/demo';
/** `jpeg=30` is one of low-rank changes. */
const LEVELS = ['clean', 'jpeg=5', 'brightness=0.3', 'no such level', 'jpeg=30'];
/** No multiple of 8: the model pads and cuts by itself. */
const [HEIGHT, WIDTH] = [100, 150];

const PROGRAM = `
import sys, numpy, tensorflow as tf
folder, frame, out, levels = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
infer = tf.saved_model.load(folder).signatures['serving_default']
image = tf.constant(numpy.fromfile(frame, numpy.uint8).reshape(1, ${HEIGHT}, ${WIDTH}, 3))
answers = [infer(image=image, level=tf.constant([level])) for level in levels]
assert all(len(answer) == 1 for answer in answers)
numpy.concatenate([value.numpy() for answer in answers for value in answer.values()]).tofile(out)
print(list(answers[0])[0], answers[0][list(answers[0])[0]].dtype.name, answers[0][list(answers[0])[0]].shape)
`;

/** Runs the model on a frame at some levels; the answers go to a file. @returns name, type and shape of the output */
function runPython(python: string, model: string, input: string, output: string, levels: readonly string[]): string {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  const call = ['-c', PROGRAM, model, input, output, ...levels];
  return execFileSync(python, call, { stdio, encoding: 'utf8' }).trim();
}

onTensorflow('export as a SavedModel', () => {
  let folder: string;
  let demo: { checkpoint: string; adaptors: string };
  let frame: Uint8Array;
  let expected: Uint8Array[];
  const area = HEIGHT * WIDTH;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-export-'));
    demo = { checkpoint: CHECKPOINT, adaptors: join(folder, 'adaptors') };
    await cp(join(CHECKPOINT, 'adaptors'), demo.adaptors, { recursive: true });
    await writeLowRank(CHECKPOINT, demo.adaptors, 'jpeg=30');
    const dataset = await openDataset('scenes:7');
    const { data, width } = await dataset.readImage(dataset.samples('val')[0]!);
    frame = new Uint8Array(area * 3);
    for (let y = 0; y < HEIGHT; y++) frame.set(data.subarray(y * width * 3, (y * width + WIDTH) * 3), y * WIDTH * 3);
    const runner = await AdaptiveRunner.load(demo);
    expected = [];
    for (const level of LEVELS) {
      const known = level === 'no such level' ? 'clean' : level;
      const pixels = { data: frame, width: WIDTH, height: HEIGHT, channels: 3 as const };
      expected.push((await runner.infer(pixels, { level: known })).mask);
    }
    runner.dispose();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Frozen and fed weights round differently: a pixel of a border may fall to its other side. */
  function expectMasks(masks: readonly Uint8Array[]): void {
    masks.forEach((mask, i) => {
      const differing = mask.reduce((count, id, k) => count + (id === expected[i]![k] ? 0 : 1), 0);
      expect(differing, LEVELS[i]).to.be.at.most(area / 5000);
    });
    expect(Buffer.compare(masks[0]!, masks[1]!), 'levels that differ').to.not.equal(0);
    expect(Buffer.compare(masks[0]!, masks[3]!), 'an unknown level is the base').to.equal(0);
  }

  it('says what the model takes, and leaves one file and no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const out = join(folder, 'model');
    const model = await exportSavedModel({ ...demo, out, size: [HEIGHT, WIDTH] });
    expect(tf.memory().numTensors).to.equal(before);
    expect(model.levels[0]).to.equal('clean');
    expect(model.levels).to.include.members(['jpeg=5', 'brightness=0.3']);
    const output = { name: 'mask', datatype: 'UINT8', shape: [1, HEIGHT, WIDTH] };
    expect(model).to.deep.include({ image: [1, HEIGHT, WIDTH, 3], output });
    expect(await readdir(out)).to.deep.equal(['saved_model.pb']);
  });

  it("answers the same in Python's TensorFlow", async function () {
    this.timeout(300_000);
    const python = requireTool(this, 'tensorflow');
    const [model, input, output] = ['for-python', 'frame', 'masks'].map((name) => join(folder, name));
    await exportSavedModel({ ...demo, out: model!, size: [HEIGHT, WIDTH] });
    await writeFile(input!, frame);
    expect(runPython(python, model!, input!, output!, LEVELS)).to.equal(`mask uint8 (1, ${HEIGHT}, ${WIDTH})`);
    const bytes = await readFile(output!);
    expect(bytes.length).to.equal(area * LEVELS.length);
    expectMasks(LEVELS.map((_, i) => bytes.subarray(i * area, (i + 1) * area)));
  });

  for (const [title, fit] of [
    ['of any size', undefined],
    ['that is resized and cut', { resize: 72, crop: 64 }],
  ] as const) {
    it(`answers for a picture ${title} with the probabilities of the runner, in Python's TensorFlow`, async function () {
      this.timeout(300_000);
      const python = requireTool(this, 'tensorflow');
      const [checkpoint, model, input, output] = ['classes', 'model', 'frame', 'probabilities'].map((name) =>
        join(folder, `${name}-${fit?.crop}`),
      ) as [string, string, string, string];
      await writeClassifier(checkpoint, { fit });
      const adaptors = adaptorsIn(checkpoint);
      const exported = await exportSavedModel({ checkpoint, adaptors, out: model, size: [HEIGHT, WIDTH] });
      const shape = [1, NAMES.length];
      expect(exported.output).to.deep.equal({ name: 'probabilities', datatype: 'FP32', shape });
      expect(exported.levels).to.deep.equal(['clean', LEVEL]);
      await writeFile(input, frame);
      const levels = ['clean', LEVEL, 'no such level'];
      expect(runPython(python, model, input, output, levels)).to.equal(`probabilities float32 (1, ${NAMES.length})`);
      const bytes = await readFile(output);
      const found = levels.map((_, i) => Array.from(NAMES, (__, c) => bytes.readFloatLE(4 * (i * NAMES.length + c))));
      const runner = await AdaptiveRunner.load({ checkpoint, adaptors });
      const pixels = { data: frame, width: WIDTH, height: HEIGHT, channels: 3 as const };
      for (const [i, level] of ['clean', LEVEL, 'clean'].entries()) {
        const { probabilities } = await runner.infer(pixels, { level });
        probabilities!.forEach((value, c) => expect(found[i]![c], `${level} ${c}`).to.be.closeTo(value, 1e-4));
      }
      runner.dispose();
      expect(Math.max(...found[0]!.map((value, c) => Math.abs(value - found[1]![c]!)))).to.be.above(0.01);
    });
  }

  it('is refused on an engine that records no graph', async () => {
    await startEngine({ engine: 'cpu' });
    const error = await exportSavedModel({ ...demo, out: join(folder, 'none'), size: [16, 16] }).catch((e: Error) => e);
    expect(error).to.have.property('code', 'E_USAGE');
  });
});
