import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { loadAdaptor, saveAdaptor } from '../../../src/adaptor/file.js';
import { sha256 } from '../../../src/common/files.js';
import { baseHash, loadCheckpoint, networkOf, saveCheckpoint } from '../../../src/models/checkpoint.js';
import { importOnnx } from '../../../src/models/onnx/index.js';
import { stateDict } from '../../../src/models/state-dict.js';
import { splitCheckpoints } from '../../../src/select/split-checkpoints.js';
import { expectTensor, useEngine } from '../../support/engines.js';
import { expectFailure } from '../../support/failure.js';
import { modelBytes, TYPES } from './support/build.js';
import { tinyFile, tinyParts } from './support/tiny.js';

describe('models/onnx: checkpoints', () => {
  let root: string;
  let base: string;
  let file: string;
  before(async function () {
    await useEngine(this, 'cpu');
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    base = join(root, 'base');
    file = tinyFile(3);
    await importOnnx({ file, out: base, task: 'segmentation', classes: ['road', 'car', 'sky'] });
  });
  after(() => rmSync(root, { recursive: true }));

  it('are the file as it was and what is known of it, by the hash of the file', async () => {
    expect(await readdir(base)).to.have.members(['config.json', 'model.onnx']);
    expect(readFileSync(join(base, 'model.onnx')).equals(readFileSync(file))).to.equal(true);
    const { hash, config, state } = await loadCheckpoint(base);
    expect(hash).to.equal(sha256(readFileSync(file)));
    expect(await baseHash(base)).to.equal(hash);
    expect(config.network).to.deep.equal({ name: 'onnx', classes: 3, width: 1 });
    expect(config.classes.map(({ name }) => name)).to.deep.equal(['road', 'car', 'sky']);
    expect(config.onnx).to.include({ file: 'model.onnx', sha256: hash, answer: 'logits' });
    expect(config.onnx!.input).to.deep.equal({ name: 'images', layout: 'nchw', channels: 'rgb', stride: 2 });
    expect([...state.get('body.scale')!.data]).to.deep.equal([1, 1, 1, 1, 1, 1]);
  });

  /** The base with every weight of the head doubled, as a whole fine-tune of it. */
  const tune = async (folder: string): Promise<void> => {
    const { config, hash } = await loadCheckpoint(base);
    const network = networkOf(await loadCheckpoint(base));
    const state = stateDict(network);
    state.get('head.w')!.data.forEach((value, i, data) => (data[i] = 2 * value));
    state.get('body.scale')!.data[0] = 3;
    await saveCheckpoint(folder, { ...config, training: { base: hash, level: 'jpeg=5' } }, state, network.parameters, base); // prettier-ignore
    network.dispose();
  };

  it('of a fine-tune have its weights beside the same file, and another hash', async () => {
    const tuned = join(root, 'tuned');
    await tune(tuned);
    expect(await readdir(tuned)).to.have.members(['config.json', 'model.onnx', 'model.safetensors']);
    const loaded = await loadCheckpoint(tuned);
    expect(loaded.hash)
      .to.equal(await baseHash(tuned))
      .and.not.equal(await baseHash(base));
    const networks = [networkOf(await loadCheckpoint(base)), networkOf(loaded)];
    tf.tidy(() => {
      const [before, after] = networks.map((network) => network.forward(tf.ones([1, 4, 4, 3]))['logits']!);
      expect(() => expectTensor(after!, before!, 1e-3)).to.throw();
    });
    for (const network of networks) network.dispose();
  });

  it('split by what changed: a scale of a convolution is an item like any other', async () => {
    const tuned = join(root, 'split');
    await tune(tuned);
    const { split } = await splitCheckpoints({ base, tuned, budget: '6' });
    expect(split.items.map(({ name }) => name)).to.deep.equal(['body.scale']);
    expect(split.baseHash).to.equal(await baseHash(base));
  });

  it('adaptors of one file are refused on another', async () => {
    const other = join(root, 'other');
    const changed = tinyParts(3);
    changed.nodes[5]!.name = 'another';
    const path = join(root, 'another.onnx');
    writeFileSync(path, modelBytes(changed));
    await importOnnx({ file: path, out: other, task: 'segmentation' });
    const { config, hash, state } = await loadCheckpoint(base);
    const adaptor = join(root, 'adaptor');
    const items = [{ name: 'body.scale', tensors: ['body.scale'], size: 6 }];
    const budget = { text: '6', parameters: 6 };
    const saved = { level: 'jpeg=5', base: hash, network: config.network, classes: config.classes, items, parameters: 6, budget, training: {} }; // prettier-ignore
    await saveAdaptor(adaptor, saved as never, new Map([['body.scale', state.get('body.scale')!]]));
    expect((await loadAdaptor(adaptor, await loadCheckpoint(base))).state.size).to.equal(1);
    await expectFailure(loadAdaptor(adaptor, await loadCheckpoint(other)), 'E_ADAPTOR_BASE_MISMATCH');
  });

  it('take external data along, and count them in the hash', async () => {
    const folder = join(root, 'source');
    mkdirSync(join(folder, 'weights'), { recursive: true });
    const parts = tinyParts(3);
    const index = parts.initializers!.findIndex((one) => (one as { name: string }).name === 'gate.b');
    const values = (parts.initializers![index] as { floatData: number[] }).floatData;
    const externalData = [{ key: 'location', value: 'weights/gate.bin' }];
    parts.initializers![index] = { name: 'gate.b', dims: [6], dataType: TYPES.float, dataLocation: 1, externalData };
    writeFileSync(join(folder, 'net.onnx'), modelBytes(parts));
    const bytes = Buffer.from(Float32Array.from(values).buffer);
    writeFileSync(join(folder, 'weights', 'gate.bin'), bytes);
    const out = join(root, 'external');
    const { hash } = await importOnnx({ file: join(folder, 'net.onnx'), out, task: 'segmentation' });
    expect(readFileSync(join(out, 'weights', 'gate.bin')).equals(bytes)).to.equal(true);
    const loaded = await loadCheckpoint(out);
    expect(loaded.hash).to.equal(hash);
    expect(loaded.config.onnx!.external).to.deep.equal(['weights/gate.bin']);
    bytes[0]! ^= 1;
    writeFileSync(join(out, 'weights', 'gate.bin'), bytes);
    await expectFailure(loadCheckpoint(out), 'E_CHECKPOINT', 'the file that was imported');
    rmSync(join(out, 'weights'), { recursive: true });
    await expectFailure(loadCheckpoint(out), 'E_CHECKPOINT', 'no such file');
  });

  it('are refused with another file than was imported', async () => {
    const out = join(root, 'changed');
    await importOnnx({ file, out, task: 'segmentation' });
    writeFileSync(join(out, 'model.onnx'), modelBytes(tinyParts(4)));
    await expectFailure(loadCheckpoint(out), 'E_CHECKPOINT', 'the file that was imported');
    await expectFailure(baseHash(out), 'E_CHECKPOINT', 'the file that was imported');
  });

  it('names that are more or fewer than the answer has classes are refused, and nothing is written', async () => {
    const out = join(root, 'names');
    await expectFailure(
      importOnnx({ file, out, task: 'segmentation', classes: ['a', 'b'] }),
      'E_CHECKPOINT_CLASSES',
      '3',
    );
    expect(await readdir(root)).not.to.include('names');
  });
});
