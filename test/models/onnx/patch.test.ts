import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importOnnx, patchOnnx, runOnnx } from '../../../src/models/onnx/index.js';
import { decodeSafetensors, encodeSafetensors, toFloat32 } from '../../../src/models/safetensors.js';
import { exportOnnx, exportPatch } from '../../../src/serve/export-onnx.js';
import { expectClose, onTensorflow } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { ROOT } from '../../support/sources.js';
import { requireTool } from '../../support/tools.js';
import { writeItems, writeLowRank } from './support/adaptors.js';
import { layersFile } from './support/layers.js';
import { refusal } from './support/refusal.js';

/** Scales and shifts alone; every tensor of any kind; a convolution by a product of low rank. */
const LEVELS = ['jpeg=5', 'jpeg=10', 'brightness=0.3'];

onTensorflow('models/onnx: patches', () => {
  let folder: string;
  let checkpoint: string;
  let images: tf.Tensor4D;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-patch-'));
    checkpoint = join(folder, 'base');
    await importOnnx({ file: layersFile(), out: checkpoint, task: 'features', compare: ['answer', 'rows', 'wide'] });
    await writeItems(checkpoint, 'jpeg=5', (name) => /scale$|shift$/.test(name));
    await writeItems(checkpoint, 'jpeg=10', () => true);
    await writeLowRank(checkpoint, 'brightness=0.3', 'body.w');
    images = tf.keep(tf.randomUniform<tf.Rank.R4>([1, 3, 6, 8], -1, 1, 'float32', 4));
  });
  after(() => {
    tf.dispose(images);
    rmSync(folder, { recursive: true, force: true });
  });

  const patchAt = async (level: string): Promise<string> => {
    const out = join(folder, `${level}.safetensors`);
    expect(await exportPatch({ checkpoint, adaptors: checkpoint, level, out })).to.equal(readFileSync(out).length);
    return out;
  };
  const model = (): Uint8Array => readFileSync(join(checkpoint, 'model.onnx'));
  const answers = async (path: string): Promise<Float32Array[]> => {
    const outputs = Object.values(await runOnnx(path, { images }));
    const values = outputs.map((y) => y.dataSync() as Float32Array);
    tf.dispose(outputs);
    return values;
  };
  const expectMerged = async (level: string, path: string): Promise<void> => {
    const merged = join(folder, 'merged.onnx');
    await exportOnnx({ checkpoint, adaptors: checkpoint, level, out: merged });
    const [own, wanted] = [await answers(path), await answers(merged)];
    wanted.forEach((values, i) => expectClose(own[i]!, values, 1e-5, `${level}, output ${i}`));
  };

  it('make of the file that was imported what an export of their level is', async () => {
    for (const level of LEVELS) {
      const path = join(folder, 'patched.onnx');
      writeFileSync(path, patchOnnx(model(), readFileSync(await patchAt(level))));
      await expectMerged(level, path);
    }
  });

  it('do the same by the lines of Python in docs/export.md', async function () {
    this.timeout(60_000);
    const python = requireTool(this, 'onnx');
    const page = readFileSync(join(ROOT, 'docs/export.md'), 'utf8');
    const [, program] = /```python\n(import hashlib[^]*?)```/.exec(page)!;
    copyFileSync(join(checkpoint, 'model.onnx'), join(folder, 'detector.onnx'));
    for (const level of LEVELS) {
      copyFileSync(await patchAt(level), join(folder, 'detector-jpeg5.safetensors'));
      execFileSync(python, ['-c', program!], { cwd: folder });
      await expectMerged(level, join(folder, 'detector-jpeg5.onnx'));
    }
  });

  it('hold scales and shifts as one number per channel, and nothing that does not change', async () => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(await patchAt('jpeg=5')), 'patch');
    // Those of the batch normalization are tensors of the file.
    expect(JSON.parse(metadata['tensors']!)).to.deep.equal(['norm.scale', 'norm.shift']);
    expect(metadata).to.include({ format: 'gearnn-onnx-patch', level: 'jpeg=5' });
    expect(tensors.get('body.scale')!.shape).to.deep.equal([6, 1, 1]);
    const none = decodeSafetensors(readFileSync(await patchAt('clean')), 'patch');
    expect(none.tensors.size).to.equal(0);
  });

  it('are refused on another file, and where they are no patches', async () => {
    const patch = readFileSync(await patchAt('jpeg=10'));
    expect(refusal(() => patchOnnx(readFileSync(layersFile(1)), patch), 'E_ONNX_PATCH')).to.match(/was made for/);
    const { tensors, metadata } = decodeSafetensors(patch, 'patch');
    const again = (about: Record<string, string>): Uint8Array => {
      const written = [...tensors].map(([name, tensor]) => [name, { dtype: 'F32', shape: tensor.shape, data: toFloat32(tensor) }] as const); // prettier-ignore
      return encodeSafetensors(new Map(written), { ...metadata, ...about });
    };
    const wrong: [Record<string, string>, RegExp][] = [
      [{ format: 'pt' }, /gearnn export --patch/],
      [{ tensors: '["none"]' }, /got none/],
      [{ layers: '[{"output":"d","steps":[["Mul","missing"]]}]' }, /a tensor missing/],
      [{ layers: '[{"output":"d","steps":[["Exp","body.scale"]]}]' }, /metadata/],
    ];
    for (const [about, message] of wrong)
      expect(refusal(() => patchOnnx(model(), again(about)), 'E_ONNX_PATCH')).to.match(message);
    const unknown = exportPatch({ checkpoint, adaptors: checkpoint, level: 'jpeg=7', out: join(folder, 'no') });
    await expectFailure(unknown, 'E_USAGE', 'clean, brightness=0.3, jpeg=5, jpeg=10');
  });
});
