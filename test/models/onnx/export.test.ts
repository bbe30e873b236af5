import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listAdaptors, loadAdaptor, withAdaptor } from '../../../src/adaptor/index.js';
import { startEngine } from '../../../src/engine/start.js';
import { loadCheckpoint, networkOf } from '../../../src/models/checkpoint.js';
import { importOnnx, runOnnx } from '../../../src/models/onnx/index.js';
import { scaledWeight } from '../../../src/models/onnx/affine.js';
import { readModel } from '../../../src/models/onnx/parse.js';
import { exportOnnx } from '../../../src/serve/export-onnx.js';
import { expectClose, onTensorflow } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { requireTool } from '../../support/tools.js';
import { writeItems, writeLowRank } from './support/adaptors.js';
import { floats, modelFile } from './support/build.js';
import { layersFile } from './support/layers.js';

const LEVELS = ['clean', 'jpeg=5', 'jpeg=10', 'brightness=0.3'];
const SHAPE: [number, number, number, number] = [1, 6, 8, 3];

const PROGRAM = `
import json, sys, numpy, onnx
import onnxruntime
path, levels, shape = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
onnx.checker.check_model(onnx.shape_inference.infer_shapes(onnx.load(path), check_type=True, strict_mode=True))
x = numpy.frombuffer(sys.stdin.buffer.read(), numpy.float32).reshape(shape)
run = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
given = [{'level': numpy.array([i])} for i in range(levels)] or [{}]
print(json.dumps([[y.ravel().tolist() for y in run.run(None, {'images': x, **one})] for one in given]))
`;

onTensorflow('models/onnx: export', () => {
  let folder: string;
  let checkpoint: string;
  let images: tf.Tensor4D;
  let given: tf.Tensor4D;
  /** Of each level, the outputs one after the other. */
  let expected: Float32Array[][];

  before(async () => {
    await startEngine({ engine: 'tensorflow' });
    folder = mkdtempSync(join(tmpdir(), 'gearnn-export-onnx-'));
    checkpoint = join(folder, 'base');
    const one = 1 / 255;
    await importOnnx({
      file: layersFile(),
      out: checkpoint,
      task: 'features',
      compare: ['answer', 'rows', 'wide'],
      mean: [0, 0, 0],
      std: [one, one, one],
    });
    await writeItems(checkpoint, 'jpeg=5', (name) => /scale$|shift$/.test(name));
    await writeItems(checkpoint, 'jpeg=10', () => true);
    await writeLowRank(checkpoint, 'brightness=0.3', 'body.w');
    images = tf.keep(tf.randomUniform<tf.Rank.R4>(SHAPE, -1, 1, 'float32', 4));
    given = tf.keep(tf.transpose(images, [0, 3, 1, 2]));
    const base = await loadCheckpoint(checkpoint);
    const adaptors = await listAdaptors(checkpoint);
    expected = [];
    for (const level of LEVELS) {
      const found = adaptors.find((each) => each.level === level);
      const network = networkOf(found ? withAdaptor(base, await loadAdaptor(found.folder, base)) : base);
      expected.push(tf.tidy(() => Object.values(network.forward(images)).map((y) => y.dataSync() as Float32Array)));
      network.dispose();
    }
  });
  after(() => {
    tf.dispose([images, given]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a file, at a place of its levels where it has them. */
  async function answers(path: string, level?: number): Promise<Float32Array[]> {
    const place: Record<string, tf.Tensor> = level === undefined ? {} : { level: tf.tensor1d([level], 'int32') };
    const outputs = await runOnnx(path, { images: given, ...place });
    const values = Object.values(outputs).map((y) => y.dataSync() as Float32Array);
    tf.dispose([outputs, place]);
    return values;
  }

  function expectAnswers(
    actual: readonly ArrayLike<number>[],
    wanted: readonly ArrayLike<number>[],
    message: string,
  ): void {
    expect(actual, message).to.have.length(wanted.length);
    actual.forEach((values, i) => expectClose(values, wanted[i]!, 1e-5, `${message}, output ${i}`));
  }

  it('a file with all levels inside answers each as the network with its adaptor does', async () => {
    const out = join(folder, 'levels.onnx');
    const { levels, bytes } = await exportOnnx({ checkpoint, adaptors: checkpoint, out });
    // In the order of listAdaptors.
    expect(levels).to.deep.equal(['clean', 'brightness=0.3', 'jpeg=5', 'jpeg=10']);
    expect(bytes).to.equal(readFileSync(out).length);
    const { graph, metadata } = readModel(out);
    expect(JSON.parse(metadata.get('gearnn.levels')!)).to.deep.equal(levels);
    expect(graph.inputs.at(-1)).to.deep.equal({ name: 'level', type: 'int64', shape: [1] });
    for (const [place, level] of levels.entries()) {
      const wanted = expected[LEVELS.indexOf(level)]!;
      expectAnswers(await answers(out, place), wanted, level);
      if (place > 0) expect(wanted[0]![0], `${level} differs`).to.not.be.closeTo(expected[0]![0]![0]!, 1e-4);
    }
  });

  it('a file of one level answers as that one does, without another input', async () => {
    for (const [i, level] of LEVELS.entries()) {
      const out = join(folder, `one-${i}.onnx`);
      expect((await exportOnnx({ checkpoint, adaptors: checkpoint, level, out })).levels).to.deep.equal([]);
      expect(readModel(out).graph.inputs.map(({ name }) => name)).to.deep.equal(['images']);
      expectAnswers(await answers(out), expected[i]!, level);
    }
  });

  it('without adaptors it is the file that was imported', async () => {
    const out = join(folder, 'same.onnx');
    await exportOnnx({ checkpoint, out });
    const original = join(checkpoint, 'model.onnx');
    expect(readModel(out)).to.deep.equal(readModel(original));
    expectAnswers(await answers(out), await answers(original), 'round trip');
  });

  it('is a valid model to the onnx package, and onnxruntime answers the same', async function () {
    this.timeout(60_000);
    requireTool(this, 'onnx');
    const python = requireTool(this, 'onnxruntime');
    const out = join(folder, 'checked.onnx');
    const { levels } = await exportOnnx({ checkpoint, adaptors: checkpoint, out });
    const input = Buffer.from(given.dataSync().buffer as ArrayBuffer);
    const call = ['-c', PROGRAM, out, String(levels.length), JSON.stringify(given.shape)];
    const results = JSON.parse(execFileSync(python, call, { input, encoding: 'utf8' })) as number[][][];
    results.forEach((result, i) => expectAnswers(result, expected[LEVELS.indexOf(levels[i]!)]!, levels[i]!));
  });

  it('scales each output channel of a turned convolution, group by group', () => {
    const attributes = new Map([['group', 2]]);
    const node = { name: 't', op: 'ConvTranspose', domain: '', inputs: [], outputs: [], attributes };
    const ones = { shape: [4, 2, 1, 1], data: new Float32Array(8).fill(1) };
    const scaled = scaledWeight(node, ones, Float32Array.of(1, 2, 3, 4));
    expect([...scaled]).to.deep.equal([1, 2, 1, 2, 3, 4, 3, 4]);
  });

  it('refuses a file that has a value level already, but for one level', async () => {
    const nodes = [
      { op: 'Conv', name: 'c', inputs: ['images', 'w'], outputs: ['level'] },
      { op: 'Relu', inputs: ['level'] },
    ];
    const initializers = [floats('w', [3, 3, 1, 1], Array<number>(9).fill(1))];
    const taken = join(folder, 'taken');
    const file = modelFile({ nodes, initializers, inputs: { images: ['n', 3, 'h', 'w'] } });
    await importOnnx({ file, out: taken, task: 'features' });
    await writeItems(taken, 'jpeg=5', (name) => name === 'w');
    const wanted = { checkpoint: taken, adaptors: taken, out: join(folder, 'taken.onnx') };
    await expectFailure(exportOnnx(wanted), 'E_USAGE', 'of the name level', '--level');
    expect((await exportOnnx({ ...wanted, level: 'jpeg=5' })).bytes).to.be.above(36);
  });

  it('refuses networks of other origin, unknown levels, and folders without adaptors; nothing is written', async () => {
    const out = join(folder, 'none.onnx');
    const none = mkdtempSync(join(folder, 'empty-'));
    await expectFailure(exportOnnx({ checkpoint: 'checkpoints/demo', out }), 'E_USAGE', '--saved-model', 'torch.onnx');
    const unknown = exportOnnx({ checkpoint, adaptors: checkpoint, level: 'jpeg=7', out });
    await expectFailure(unknown, 'E_USAGE', 'jpeg=7', 'clean, brightness=0.3, jpeg=5, jpeg=10');
    await expectFailure(exportOnnx({ checkpoint, adaptors: none, out }), 'E_ADAPTOR', 'gearnn adapt');
    expect(() => readFileSync(out)).to.throw(/ENOENT/);
  });
});
