import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { decodeNpy } from '../../src/common/npy.js';
import { encodeSafetensors } from '../../src/models/safetensors.js';
import { summarize } from '../../src/models/summary.js';
import { modelFile } from '../models/onnx/support/build.js';
import { tinyFile } from '../models/onnx/support/tiny.js';
import { tinyFile as tinyTfjsFile } from '../models/tfjs/support/tiny.js';
import { GEARNN } from '../support/programs.js';

describe('gearnn model and import', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs gearnn with no engine installed. */
  function gearnn(...parameters: string[]) {
    const env = { ...process.env, GEARNN_HOME: join(folder, 'home') };
    const { status, stdout, stderr } = spawnSync(process.execPath, [...GEARNN, ...parameters], {
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  it('model info prints the counts and every tensor, with no engine installed', () => {
    const { status, stdout, stderr } = gearnn(
      'model',
      'info',
      'drn-d-22',
      '--classes',
      '3',
      '--width',
      '0.25',
      '--json',
    );
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    const info = JSON.parse(stdout);
    expect(Object.keys(info)).to.deep.equal(['name', 'parameters', 'state', 'tensors']);
    expect(info.tensors[0]).to.deep.equal({ name: 'base.0.0.weight', shape: [8, 3, 7, 7], parameters: 1176 });
    expect(info.tensors.reduce((sum: number, { parameters }: { parameters: number }) => sum + parameters, 0)).to.equal(
      info.state,
    );
  });

  it('model info of a detector says how many parameters there are where normalization is frozen', () => {
    const { stdout } = gearnn('model', 'info', 'maskrcnn-resnet50-fpn', '--classes', '2');
    expect(stdout).to.include(
      ': 43975515 parameters (43922395 where normalization is frozen), 44028635 with running statistics',
    );
  });

  it("model info --overhead prints the paper's Table 1", () => {
    const json = gearnn('model', 'info', 'drn-d-22', '--classes', '19', '--overhead', '0.2%x10', '--json');
    expect(JSON.parse(json.stdout)).to.deep.equal({ original: 15907139, adaptive: 16193465, switching: 159071390 });
    const detector = gearnn(
      'model',
      'info',
      'maskrcnn-resnet50-fpn',
      '--classes',
      '2',
      '--overhead',
      '0.4%x10',
      '--json',
    );
    // Of one level the base answers: nine adaptors of 176,114 values.
    const adaptive = 44_028_635 + 9 * 176_114;
    expect(JSON.parse(detector.stdout)).to.deep.equal({ original: 44_028_635, adaptive, switching: 440_286_350 });
    const { stdout } = gearnn('model', 'info', 'drn-d-38', '--overhead', '0.2%x7');
    expect(stdout).to.match(/adaptive\s+26334993\s+1\.2%/);
    expect(gearnn('model', 'info', 'drn-d-22', '--overhead', '10').status).to.equal(2);
  });

  it('model info of an unknown network is a wrong call that names the known ones', () => {
    const { status, stderr } = gearnn('model', 'info', 'drn-d-23');
    expect(status).to.equal(2);
    expect(stderr).to.match(/drn-d-22.*got "drn-d-23"/);
  });

  it('model list names one network a line', () => {
    expect(gearnn('model', 'list').stdout.trim().split('\n')).to.include.members(['drn-c-26', 'drn-d-22', 'drn-d-105']);
  });

  it('import writes a checkpoint with the named classes, and writes over it only with --force', async () => {
    await tf.setBackend('cpu');
    const { tensors } = summarize({ name: 'drn-d-22', classes: 2, width: 0.125 });
    const weights = tensors
      .filter(({ name }) => name !== 'up.weight')
      .map(({ name, shape, parameters }) => {
        return [name, { dtype: 'F32', shape, data: new Float32Array(parameters).fill(0.5) }] as const;
      });
    const [file, out] = [join(folder, 'net.safetensors'), join(folder, 'base')];
    writeFileSync(file, encodeSafetensors(new Map(weights)));
    const call = ['import', file, '--model', 'drn-d-22', '--classes', '2', '--width', '0.125', '--out', out];
    const first = gearnn(...call, '--names', 'road,rest', '--std', '0.2,0.2,0.2', '--json');
    expect(first).to.include({ status: 0, stderr: '' });
    expect(JSON.parse(first.stdout).hash).to.match(/^[0-9a-f]{64}$/);
    const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'));
    expect(config.classes.map(({ name }: { name: string }) => name)).to.deep.equal(['road', 'rest']);
    expect(config.preprocessing).to.deep.equal({ mean: [0.485, 0.456, 0.406], std: [0.2, 0.2, 0.2] });
    const second = gearnn(...call, '--classes-from', 'list:nowhere');
    expect(second.status).to.equal(1);
    expect(second.stderr).to.match(/config\.json, which is there already.*--force/);
    expect(gearnn(...call, '--force').status).to.equal(0);
  });

  it('import --check says what an ONNX file holds, and writes nothing', () => {
    const { status, stdout, stderr } = gearnn('import', tinyFile(2), '--check', '--json');
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    const found = JSON.parse(stdout);
    expect(Object.keys(found)).to.deep.equal(['inputs', 'outputs', 'parameters', 'ops', 'missing']);
    expect([found.inputs[0].name, found.outputs[0].name, found.missing]).to.deep.equal(['images', 'answer', []]);
  });

  it('import --check of a file with operations that gearnn lacks prints all of it, and fails', () => {
    const nodes = [{ op: 'Relu', outputs: ['a'] }, { op: 'TfIdfVectorizer', inputs: ['a'], name: 'places' }]; // prettier-ignore
    const file = modelFile({ nodes, inputs: { x: [1, 3, 'height', 8] } });
    const { status, stdout, stderr } = gearnn('import', file, '--check', '--json');
    expect(status).to.equal(1);
    expect(stderr).to.match(/TfIdfVectorizer "places".*E_ONNX_OPS/);
    expect(JSON.parse(stdout)).to.deep.equal({
      inputs: [{ name: 'x', type: 'float32', shape: [1, 3, 'height', 8] }],
      outputs: [{ name: 'y', type: 'float32', shape: null }],
      parameters: 0,
      ops: { TfIdfVectorizer: 1, Relu: 1 },
      missing: [{ op: 'TfIdfVectorizer', node: 'places' }],
    });
    expect(gearnn('import', file, '--check').stdout).to.match(/gearnn lacks:\nTfIdfVectorizer {2}places/);
  });

  it('import reads a model.json of TensorFlow.js: --check says what it holds, --verify how far it is from the own executor', async () => {
    const [file, out, picture] = [tinyTfjsFile(), join(folder, 'tfjs'), join(folder, 'verified.png')];
    const checked = gearnn('import', file, '--check', '--json');
    expect(checked.status, checked.stderr).to.equal(0);
    const found = JSON.parse(checked.stdout);
    expect([found.inputs[0].name, found.outputs[0].name, found.missing]).to.deep.equal(['images', 'mask', []]);
    await sharp({ create: { width: 8, height: 6, channels: 3, background: '#456' } })
      .png()
      .toFile(picture);
    const imported = gearnn('import', file, '--out', out, '--task', 'foreground', '--verify', picture, '--json');
    expect(imported.status, imported.stderr).to.equal(0);
    const { verified, checkpoint, answer } = JSON.parse(imported.stdout);
    expect([checkpoint, answer]).to.deep.equal([out, 'sigmoid']);
    expect(verified[0]).to.include({ name: 'mask' });
    expect(verified[0].difference).to.be.below(1e-6);
    const info = JSON.parse(gearnn('model', 'info', out, '--json').stdout);
    expect(info.tensors).to.deep.include({ name: 'last.scale', role: 'scale', group: 'last', shape: [1] });
    const arrays = join(folder, 'tfjs-arrays');
    const raw = gearnn('infer', picture, '--checkpoint', out, '--out', arrays, '--raw', '--json', '--engine', 'cpu');
    expect(raw.status, raw.stderr).to.equal(0);
    expect(Object.keys(unzipSync(readFileSync(join(arrays, 'verified.npz'))))).to.deep.equal(['mask.npy']);
  });

  it('import makes a checkpoint of an ONNX file, whose tensors model info lists and whose outputs infer --raw writes', async () => {
    const [file, out, arrays] = [tinyFile(2), join(folder, 'onnx'), join(folder, 'arrays')];
    writeFileSync(join(folder, 'names.txt'), 'road\nrest\n');
    const use = ['--task', 'segmentation', '--classes', join(folder, 'names.txt'), '--channels', 'bgr', '--json'];
    const imported = gearnn('import', file, '--out', out, ...use);
    expect(imported.status, imported.stderr).to.equal(0);
    expect(JSON.parse(imported.stdout)).to.deep.include({ task: 'segmentation', missing: [], compare: ['answer'] });
    const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'));
    expect(config.classes.map(({ name }: { name: string }) => name)).to.deep.equal(['road', 'rest']);
    expect(config.onnx.input.channels).to.equal('bgr');
    const info = JSON.parse(gearnn('model', 'info', out, '--json').stdout);
    expect(info.candidates[0]).to.equal('answer');
    expect(info.tensors).to.deep.include({ name: 'body.scale', role: 'scale', group: 'body', shape: [6] });
    const picture = join(folder, 'photo.png');
    await sharp({ create: { width: 8, height: 6, channels: 3, background: '#456' } })
      .png()
      .toFile(picture);
    const raw = gearnn('infer', picture, '--checkpoint', out, '--out', arrays, '--raw', '--json', '--engine', 'cpu');
    expect(raw.status, raw.stderr).to.equal(0);
    const files = unzipSync(readFileSync(join(arrays, 'photo.npz')));
    expect(decodeNpy(files['answer.npy']!)!.shape).to.deep.equal([1, 2, 3, 4]);
  });

  it('import of a file of TensorFlow Lite or Keras names the command that makes an ONNX file of it', () => {
    for (const [file, command] of [
      ['palm.tflite', /tf2onnx\.convert --tflite/],
      ['net.KERAS', /load_model.*tf2onnx/],
    ] as const) {
      const out = join(folder, 'other');
      const { status, stderr } = gearnn('import', join(folder, file), '--out', out);
      expect(status, file).to.equal(2);
      expect(stderr).to.match(command).and.contain('docs/tfjs.md');
    }
  });

  it('import of safetensors asks for the network that they are of', () => {
    const { status, stderr } = gearnn('import', join(folder, 'net.safetensors'), '--classes', '2', '--out', folder);
    expect(status).to.equal(2);
    expect(stderr).to.match(/--model/);
  });
});
