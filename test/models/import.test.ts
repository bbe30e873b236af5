import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { loadCheckpoint, roundToStorage } from '../../src/models/checkpoint.js';
import { importCheckpoint, type ImportOptions } from '../../src/models/import.js';
import type { Network } from '../../src/models/network.js';
import { createNetwork } from '../../src/models/registry.js';
import { encodeSafetensors } from '../../src/models/safetensors.js';
import { stateDict, type StateDict } from '../../src/models/state-dict.js';

const NETWORK = { name: 'drn-c-26', classes: 2, width: 0.125 };

async function errorOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  return promise.then(
    () => ({ code: 'none', message: '' }),
    (error: { code: string; message: string }) => error,
  );
}

describe('import', () => {
  let root: string;
  let state: StateDict;
  let parameters: Network['parameters'];
  before(async () => {
    await tf.setBackend('cpu');
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    const network = createNetwork(NETWORK, { seed: 33 });
    state = stateDict(network);
    parameters = network.parameters;
    network.dispose();
  });
  after(() => rmSync(root, { recursive: true }));

  let count = 0;
  /** Writes a state as a file and imports it into a new folder. */
  async function importing(given: StateDict, options: Partial<ImportOptions> = {}) {
    const file = join(root, `net-${count}.safetensors`);
    const out = join(root, `out-${count++}`);
    writeFileSync(
      file,
      encodeSafetensors(new Map([...given].map(([name, values]) => [name, { dtype: 'F32', ...values }]))),
    );
    await importCheckpoint({ file, out, network: NETWORK, ...options });
    return loadCheckpoint(out);
  }
  const without = (name: string): StateDict => new Map([...state].filter(([other]) => other !== name));
  const replaced = (name: string, change: (data: Float32Array) => void): StateDict => {
    const data = state.get(name)!.data.slice();
    change(data);
    return new Map(state).set(name, { shape: state.get(name)!.shape, data });
  };

  it('makes a checkpoint with the weights to the bit and a record of the file', async () => {
    const { state: loaded, config } = await importing(state);
    expect(Object.fromEntries(loaded)).to.deep.equal(Object.fromEntries(state));
    expect(config.network).to.deep.equal(NETWORK);
    expect(config.classes.map(({ name }) => name)).to.deep.equal(['class 0', 'class 1']);
    expect(config.preprocessing.mean).to.deep.equal([0.485, 0.456, 0.406]);
    expect(config.training).to.have.nested.property('imported.file', 'net-0.safetensors');
  });

  it('fills in the upsampler, takes off `module.` and passes over counts of batches', async () => {
    const given: StateDict = new Map([...without('up.weight')].map(([name, values]) => [`module.${name}`, values]));
    given.set('module.base.1.num_batches_tracked', { shape: [], data: Float32Array.of(7) });
    const { state: loaded } = await importing(given);
    expect(Object.fromEntries(loaded)).to.deep.equal(Object.fromEntries(state));
  });

  it('takes classes, ignored id, normalization and storage', async () => {
    const classes: ImportOptions['classes'] = [
      { name: 'road', color: [1, 2, 3] },
      { name: 'rest', color: [4, 5, 6] },
    ];
    const preprocessing: ImportOptions['preprocessing'] = { mean: [0.29, 0.33, 0.29], std: [0.18, 0.19, 0.18] };
    const { config, state: loaded } = await importing(state, { classes, ignore: 7, preprocessing, storage: 'fp16' });
    expect(config).to.deep.include({ classes, ignore: 7, preprocessing, storage: 'fp16' });
    expect(Object.fromEntries(loaded)).to.deep.equal(Object.fromEntries(roundToStorage(state, 'fp16', parameters)));
  });

  it('refuses an upsampler that has learned', async () => {
    const { code, message } = await errorOf(importing(replaced('up.weight', (data) => (data[40]! += 2e-6))));
    expect(code).to.equal('E_UPSAMPLER');
    expect(message).to.match(/net-\d+\.safetensors: up\.weight/);
  });

  it('refuses weights that are not numbers, naming the tensor', async () => {
    const { code, message } = await errorOf(importing(replaced('seg.bias', (data) => (data[1] = NaN))));
    expect(code).to.equal('E_STATE');
    expect(message).to.match(/seg\.bias: expected finite/);
  });

  it('says which network the tensors are of', async () => {
    const { code, message } = await errorOf(importing(state, { network: { ...NETWORK, name: 'drn-d-22' } }));
    expect(code).to.equal('E_STATE');
    expect(message).to.match(/no base\.0\.0\.weight.*These are the tensors of drn-c-26\.$/);
  });

  it("takes torchvision's weights of a network that classifies, and says whose they are otherwise", async () => {
    const config = { name: 'resnet-18', classes: 300, width: 0.125 };
    const network = createNetwork(config, { seed: 5 });
    const own = stateDict(network);
    network.dispose();
    const given: StateDict = new Map(own);
    given.set('layer1.0.bn1.num_batches_tracked', { shape: [], data: Float32Array.of(7) });
    const { state: loaded, config: written } = await importing(given, { network: config });
    expect(Object.fromEntries(loaded)).to.deep.equal(Object.fromEntries(own));
    expect(written.network).to.deep.equal(config);
    expect(written.task).to.equal('classification');
    const { code, message } = await errorOf(importing(given, { network: { ...config, name: 'resnet-34' } }));
    expect(code).to.equal('E_STATE');
    expect(message).to.match(/no layer1\.2\.conv1\.weight.*These are the tensors of resnet-18\.$/);
  });

  it('refuses more or fewer classes than the network has, in names and in weights', async () => {
    const names = await errorOf(importing(state, { classes: [{ name: 'road', color: [0, 0, 0] }] }));
    expect(names.code).to.equal('E_CHECKPOINT_CLASSES');
    const weights = await errorOf(importing(state, { network: { ...NETWORK, classes: 5 } }));
    expect(weights.code).to.equal('E_STATE');
    expect(weights.message).to.match(/seg\.weight \[2,64,1,1\] instead of \[5,64,1,1\]/);
  });

  it('sends a .pth of PyTorch to the page that converts it, and names a file that is not there', async () => {
    const file = join(root, 'net.pth');
    const out = join(root, 'never');
    for (const magic of ['504b030414000000', '80028a0a6cfc9c46']) {
      writeFileSync(file, Buffer.concat([Buffer.from(magic, 'hex'), Buffer.alloc(100)]));
      const { code, message } = await errorOf(importCheckpoint({ file, out, network: NETWORK }));
      expect(code).to.equal('E_SAFETENSORS');
      expect(message).to.match(/torch\.save.*docs\/models\.md/);
    }
    const none = await errorOf(importCheckpoint({ file: join(root, 'none'), out, network: NETWORK }));
    expect(none.code).to.equal('E_SAFETENSORS');
    expect(none.message).to.match(/none.*no such file/);
  });
});
