import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { difference, readReference } from '../../bench/onnx/reference.js';
import { listAdaptors, loadAdaptor, withAdaptor } from '../../src/adaptor/index.js';
import { startEngine } from '../../src/engine/start.js';
import { loadCheckpoint, networkOf } from '../../src/models/checkpoint.js';
import { importOnnx, patchOnnx } from '../../src/models/onnx/index.js';
import { runtimeNumbers } from '../../src/models/onnx/onnxruntime.js';
import { readModel } from '../../src/models/onnx/parse.js';
import { writeItems, writeLowRank } from '../models/onnx/support/adaptors.js';
import { layersFile } from '../models/onnx/support/layers.js';
import { packagedFile } from '../models/onnx/support/packaged.js';
import { onTensorflow } from '../support/engines.js';
import { requireOnnxRuntimeNode } from '../support/onnxruntime-node.js';
import { requireTool } from '../support/tools.js';
import { gearnn } from './support/gearnn.js';

/** Most that an answer may be off, as a part of the output's largest value. */
const CLOSE = 1e-4;

/** Runs each file of a JSON list on one picture; prints the outputs by name, as the bytes of their floats in base64. */
const PROGRAM = `
import base64, json, sys, numpy, onnxruntime
jobs, name, shape = json.loads(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
x = numpy.frombuffer(sys.stdin.buffer.read(), numpy.float32).reshape(shape)
def run(path, place):
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    level = {} if place is None else {'level': numpy.array([place])}
    names = [output.name for output in session.get_outputs()]
    values = session.run(names, {name: x, **level})
    return {n: base64.b64encode(v.astype(numpy.float32).tobytes()).decode() for n, v in zip(names, values)}
print(json.dumps([run(**job) for job in jobs]))
`;

type Outputs = Record<string, ArrayLike<number>>;

/** A file to run, at a place of its levels where it has them. */
interface Job {
  path: string;
  place: number | null;
}

/** An exported network: where it lies, and what it answers in gearnn. */
interface Exported {
  checkpoint: string;
  /** Of the file's picture, `[1, 3, height, width]`. */
  picture: { name: string; shape: number[]; data: Float32Array };
  /** By level. */
  expected: Map<string, Outputs>;
}

/** What `gearnn export` writes, run by both onnxruntimes on the picture that gearnn answers. */
onTensorflow('gearnn export --onnx and --patch, in onnxruntime', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'gearnn-exported-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A network of 24 small layers of every kind, with adaptors of scales and shifts, of all tensors, and of low rank. */
  async function tiny(): Promise<Exported> {
    const checkpoint = join(folder, 'tiny');
    const compare = ['answer', 'rows', 'wide'];
    await importOnnx({ ...{ file: layersFile(), out: checkpoint, task: 'features', compare }, ...AS_GIVEN });
    await writeItems(checkpoint, 'jpeg=5', (name) => /scale$|shift$/.test(name));
    await writeItems(checkpoint, 'jpeg=10', () => true);
    await writeLowRank(checkpoint, 'brightness=0.3', 'body.w');
    const data = tf.tidy(() => tf.randomUniform([1, 3, 6, 8], -1, 1, 'float32', 4).dataSync() as Float32Array);
    return answered(checkpoint, { name: 'images', shape: [1, 3, 6, 8], data });
  }

  /** PP-OCRv4's detector, with adaptors of scales and shifts and of all tensors, on a drawn picture of text. */
  async function detector(file: string): Promise<Exported> {
    const checkpoint = join(folder, 'ppocrv4-det');
    await importOnnx({ ...{ file, out: checkpoint, task: 'foreground' }, ...AS_GIVEN });
    await writeItems(checkpoint, 'jpeg=5', (name) => /\.(scale|shift)$/.test(name), 0.02);
    await writeItems(checkpoint, 'brightness=0.3', () => true, 0.002);
    const [name, picture] = [...readReference(file).inputs][0]!;
    return answered(checkpoint, { name, ...picture });
  }

  const levelsFile = async ({ checkpoint }: Exported): Promise<Job[]> => {
    const out = `${checkpoint}-levels.onnx`;
    const { levels } = await called('--checkpoint', checkpoint, '--adaptors', checkpoint, '--onnx', out);
    return (levels as string[]).map((_, place) => ({ path: out, place }));
  };
  const mergedFiles = async ({ checkpoint, expected }: Exported): Promise<Job[]> => {
    const jobs: Job[] = [];
    for (const level of expected.keys()) {
      const path = `${checkpoint}-${level}.onnx`;
      await called('--checkpoint', checkpoint, '--adaptors', checkpoint, '--level', level, '--onnx', path);
      jobs.push({ path, place: null });
    }
    return jobs;
  };
  const patchedFiles = async ({ checkpoint, expected }: Exported): Promise<Job[]> => {
    const jobs: Job[] = [];
    for (const level of expected.keys()) {
      const patch = `${checkpoint}-${level}.safetensors`;
      await called('--checkpoint', checkpoint, '--adaptors', checkpoint, '--level', level, '--patch', patch);
      const path = patch.replace(/safetensors$/, 'patched.onnx');
      writeFileSync(path, patchOnnx(readFileSync(join(checkpoint, 'model.onnx')), readFileSync(patch)));
      jobs.push({ path, place: null });
    }
    return jobs;
  };

  const networks: [name: string, make: (test: Mocha.Context) => Promise<Exported>][] = [
    ['a network of a layer of each kind', tiny],
    ["PP-OCRv4's detector", (test) => detector(packagedFile(test, 'ppocrv4-det'))],
  ];
  const kinds: [name: string, write: (network: Exported) => Promise<Job[]>][] = [
    ['one file with an input for the level', levelsFile],
    ['a merged file for each level', mergedFiles],
    ['the imported file with a patch for each level', patchedFiles],
  ];
  for (const [name, make] of networks)
    describe(name, () => {
      let network: Exported;
      before(async function () {
        this.timeout(120_000);
        await startEngine({ engine: 'tensorflow' });
        network = await make(this);
        // Else a file that forgets its adaptors would pass.
        for (const [level, outputs] of network.expected)
          if (level !== 'clean') expect(furthest(outputs, network.expected.get('clean')!), level).to.be.above(1e-3);
      });

      for (const [kind, write] of kinds)
        it(`${kind} answers as gearnn does, within ${CLOSE} of the largest value, by PyPI's runtime and npm's`, async function () {
          this.timeout(240_000);
          const python = requireTool(this, 'onnxruntime');
          const runtime = requireOnnxRuntimeNode(this);
          const { picture, expected } = network;
          const jobs = await write(network);
          expect(jobs).to.have.length(expected.size);
          const levels = jobs[0]!.place === null ? [...expected.keys()] : levelsOf(jobs[0]!.path);
          const byPython = runInPython(python, jobs, picture);
          for (const [i, { path, place }] of jobs.entries()) {
            const wanted = expected.get(levels[i]!)!;
            const session = await runtime.InferenceSession.create(path);
            const level: Record<string, object> =
              place === null ? {} : { level: new runtime.Tensor('int64', BigInt64Array.of(BigInt(place)), [1]) };
            const given = new runtime.Tensor('float32', picture.data, picture.shape);
            const outputs = await session.run({ [picture.name]: given, ...level });
            const byNode = Object.fromEntries(Object.entries(outputs).map(([y, value]) => [y, runtimeNumbers(value)]));
            expect(furthest(byPython[i]!, wanted), `${levels[i]} in Python`).to.be.below(CLOSE);
            expect(furthest(byNode, wanted), `${levels[i]} in Node`).to.be.below(CLOSE);
          }
        });
    });
});

/** So that a network sees the numbers of a picture as they are. */
const AS_GIVEN = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as {
  mean: [number, number, number];
  std: [number, number, number];
};

/** Runs `gearnn export`; its answer. */
async function called(...parameters: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await gearnn('export', ...parameters, '--json');
  expect(code, err).to.equal(0);
  return JSON.parse(out) as Record<string, unknown>;
}

/** The answers of a checkpoint and of each of its adaptors to a picture. */
async function answered(checkpoint: string, picture: Exported['picture']): Promise<Exported> {
  const base = await loadCheckpoint(checkpoint);
  const images = tf.tidy(() => tf.transpose(tf.tensor4d(picture.data, picture.shape as [number, number, number, number]), [0, 2, 3, 1])); // prettier-ignore
  const expected = new Map<string, Outputs>();
  for (const found of [undefined, ...(await listAdaptors(checkpoint))]) {
    const network = networkOf(found ? withAdaptor(base, await loadAdaptor(found.folder, base)) : base);
    const outputs = network.raw!(images);
    const values = Object.entries(outputs).map(([name, { tensor }]) => [name, tensor.dataSync()] as const);
    expected.set(found?.level ?? 'clean', Object.fromEntries(values));
    tf.dispose(Object.values(outputs).map(({ tensor }) => tensor));
    network.dispose();
  }
  images.dispose();
  return { checkpoint, picture, expected };
}

/** The levels that a file's input chooses among. */
function levelsOf(path: string): string[] {
  return JSON.parse(readModel(path).metadata.get('gearnn.levels')!) as string[];
}

function runInPython(python: string, jobs: readonly Job[], { name, shape, data }: Exported['picture']): Outputs[] {
  const input = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const call = ['-c', PROGRAM, JSON.stringify(jobs), name, JSON.stringify(shape)];
  const printed = execFileSync(python, call, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return (JSON.parse(printed) as Record<string, string>[]).map((outputs) =>
    Object.fromEntries(
      Object.entries(outputs).map(([output, bytes]) => {
        const raw = Uint8Array.from(Buffer.from(bytes, 'base64'));
        return [output, new Float32Array(raw.buffer)];
      }),
    ),
  );
}

/** The largest difference of any output, as a part of that output's largest value. */
function furthest(outputs: Outputs, wanted: Outputs): number {
  expect(Object.keys(outputs)).to.have.members(Object.keys(wanted));
  return Math.max(...Object.entries(wanted).map(([name, values]) => difference(outputs[name]!, values)));
}
