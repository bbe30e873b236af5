import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { sha256 } from '../../src/common/files.js';
import {
  baseHash,
  compareClasses,
  loadCheckpoint,
  networkOf,
  roundToStorage,
  saveCheckpoint,
} from '../../src/models/checkpoint.js';
import { type CheckpointConfig, trainedSize } from '../../src/models/checkpoint-config.js';
import type { Network } from '../../src/models/network.js';
import { createNetwork } from '../../src/models/registry.js';
import { decodeSafetensors } from '../../src/models/safetensors.js';
import { stateDict, type StateDict } from '../../src/models/state-dict.js';

const CONFIG: Omit<CheckpointConfig, 'format' | 'version'> = {
  network: { name: 'drn-d-22', classes: 2, width: 0.125 },
  classes: [
    { name: 'road', color: [128, 64, 128] },
    { name: 'sky', color: [70, 130, 180] },
  ],
  ignore: 255,
  preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  storage: 'fp32',
  training: { epochs: 3, note: { any: ['thing'] } },
};

async function codeOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  return promise.then(
    () => ({ code: 'none', message: '' }),
    (error: { code: string; message: string }) => error,
  );
}

describe('checkpoint', () => {
  let root: string;
  let folder: string;
  let state: StateDict;
  let parameters: Network['parameters'];
  before(async () => {
    await tf.setBackend('cpu');
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    const network = createNetwork(CONFIG.network, { seed: 4 });
    state = stateDict(network);
    parameters = network.parameters;
    network.dispose();
    // A value that fp16 cannot hold, in every tensor that is trained.
    for (const [name, { data }] of state) if (name !== 'up.weight') data[0] = 1 / 3;
  });
  beforeEach(() => {
    folder = join(mkdtempSync(join(root, 'at-')), 'base');
  });
  after(() => rmSync(root, { recursive: true }));

  it('gives back what was saved, to the bit, and nothing but its two files', async () => {
    const hash = await saveCheckpoint(folder, CONFIG, state, parameters);
    const loaded = await loadCheckpoint(folder);
    expect(loaded.config).to.deep.equal({ format: 'gearnn-checkpoint', version: 1, ...CONFIG });
    expect(Object.fromEntries(loaded.state)).to.deep.equal(Object.fromEntries(state));
    expect(loaded.hash).to.equal(hash);
    expect(readdirSync(folder).sort()).to.deep.equal(['config.json', 'model.safetensors']);
  });

  it("is known by the SHA-256 of its weights' file, which the config does not change", async () => {
    const hash = await saveCheckpoint(folder, CONFIG, state, parameters);
    expect(hash).to.equal(sha256(readFileSync(join(folder, 'model.safetensors'))));
    expect(await baseHash(folder)).to.equal(hash);
    expect(await saveCheckpoint(folder, { ...CONFIG, ignore: 0 }, new Map([...state].reverse()), parameters)).to.equal(
      hash,
    );
  });

  it('stored as fp16 rounds convolutions and their biases, and leaves batch normalizations', async () => {
    const fp16: typeof CONFIG = { ...CONFIG, storage: 'fp16' };
    await saveCheckpoint(folder, fp16, state, parameters);
    const path = join(folder, 'model.safetensors');
    const { tensors } = decodeSafetensors(readFileSync(path), path);
    const types = (type: string) => [...tensors].filter(([, { dtype }]) => dtype === type).map(([name]) => name);
    expect(types('F16')).to.include.members(['base.0.0.weight', 'base.4.0.downsample.0.weight', 'seg.bias']);
    expect(types('F32')).to.include.members(['base.0.1.weight', 'base.0.1.bias', 'base.3.1.bn2.running_var']);
    expect(types('F16').length + types('F32').length).to.equal(state.size);
    const loaded = await loadCheckpoint(folder);
    expect(loaded.state.get('seg.bias')!.data[0]).to.equal(0.333251953125); // the half next to 1/3
    expect(loaded.state.get('base.0.1.bias')!.data[0]).to.equal(Math.fround(1 / 3));
  });

  it('rounded once, a state is stored as fp16 without a change', async () => {
    const rounded = roundToStorage(state, 'fp16', parameters);
    const hash = await saveCheckpoint(folder, { ...CONFIG, storage: 'fp16' }, rounded, parameters);
    const loaded = await loadCheckpoint(folder);
    expect(Object.fromEntries(loaded.state)).to.deep.equal(Object.fromEntries(rounded));
    expect(await saveCheckpoint(folder, loaded.config, loaded.state, parameters)).to.equal(hash);
    expect(Object.fromEntries(roundToStorage(state, 'fp32', parameters))).to.deep.equal(Object.fromEntries(state));
  });

  it('leaks no tensor where the weights are not those of its network', async () => {
    await saveCheckpoint(folder, { ...CONFIG, network: { ...CONFIG.network, width: 0.25 } }, state, parameters);
    const checkpoint = await loadCheckpoint(folder);
    const before = tf.memory().numTensors;
    expect(() => networkOf(checkpoint))
      .to.throw(/model\.safetensors/)
      .with.property('code', 'E_STATE');
    expect(tf.memory().numTensors).to.equal(before);
  });

  it('that is not there is named, the folder and either file', async () => {
    const none = await codeOf(loadCheckpoint(folder));
    expect(none.code).to.equal('E_CHECKPOINT');
    expect(none.message).to.include(folder).and.include('no such file');
    await saveCheckpoint(folder, CONFIG, state, parameters);
    rmSync(join(folder, 'model.safetensors'));
    for (const call of [loadCheckpoint, baseHash]) {
      const half = await codeOf(call(folder));
      expect(half.code).to.equal('E_CHECKPOINT');
      expect(half.message).to.match(/model\.safetensors: expected the weights/);
    }
  });

  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['another format', { format: 'gearnn-adaptor' }, /format/],
    ['a later version', { version: 2 }, /version/],
    ['another number of classes than its network', { classes: CONFIG.classes.slice(1) }, /classes.*as many classes/],
    ['a standard deviation of zero', { preprocessing: { mean: [0, 0, 0], std: [1, 0, 1] } }, /preprocessing\.std/],
    [
      'a cut that is larger than what is cut',
      { preprocessing: { ...CONFIG.preprocessing, fit: { resize: 8, crop: 9 } } },
      /preprocessing\.fit/,
    ],
    ['an unknown storage', { storage: 'int8' }, /storage/],
    ['a width that no network has', { network: { ...CONFIG.network, width: 5 } }, /network\.width/],
  ];
  for (const [title, change, message] of wrong) {
    it(`with ${title} is refused, naming the field`, async () => {
      await saveCheckpoint(folder, CONFIG, state, parameters);
      const config = { ...JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')), ...change };
      writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
      const { code, message: text } = await codeOf(loadCheckpoint(folder));
      expect(code).to.equal('E_CHECKPOINT');
      expect(text).to.include(folder).and.match(message);
    });
  }

  it('with damaged weights is refused, naming the file', async () => {
    await saveCheckpoint(folder, CONFIG, state, parameters);
    const path = join(folder, 'model.safetensors');
    writeFileSync(path, readFileSync(path).subarray(0, 5000));
    const { code, message } = await codeOf(loadCheckpoint(folder));
    expect(code).to.equal('E_SAFETENSORS');
    expect(message).to.include(path);
  });

  it('says the size that it was trained on as height by width, where its training says one', () => {
    expect(trainedSize({ training: { settings: { size: '128x256' } } })).to.deep.equal({ height: 128, width: 256 });
    const unsaid = [{}, { settings: null }, { settings: 'large' }, { settings: {} }, { settings: { size: '0x5' } }];
    for (const training of unsaid) expect(trainedSize({ training }), JSON.stringify(training)).to.equal(undefined);
  });

  it("compares its classes with a dataset's: another number is an error, another name a warning", () => {
    const config: CheckpointConfig = { format: 'gearnn-checkpoint', version: 1, ...CONFIG };
    const [road, sky] = CONFIG.classes as [(typeof CONFIG.classes)[0], (typeof CONFIG.classes)[0]];
    expect(compareClasses(config, CONFIG.classes, 'list:x')).to.deep.equal([]);
    expect(compareClasses(config, [road, { ...sky, name: 'heaven' }], 'list:x')).to.deep.equal([
      'class 1 is "sky" in the checkpoint and "heaven" in list:x',
    ]);
    expect(() => compareClasses(config, [road], 'list:x'))
      .to.throw(/list:x: expected the 2 classes/)
      .with.property('code', 'E_CHECKPOINT_CLASSES');
  });
});
