import { expect } from 'chai';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEngine } from '../../src/engine/start.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { createNetwork } from '../../src/models/registry.js';
import { decodeSafetensors, encodeSafetensors, toFloat32 } from '../../src/models/safetensors.js';
import { stateDict } from '../../src/models/state-dict.js';
import { readExperiment } from '../../src/pipeline/experiment.js';
import { planExperiment, runExperiment } from '../../src/pipeline/run.js';
import { useEngine } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { workFolder } from './support/fake-steps.js';

const NETWORK = { name: 'drn-d-22', classes: 9, width: 0.125 };
const TRAIN = { model: NETWORK.name, width: NETWORK.width, size: '32x32', batch: 1, steps: 1, init: '${FIRST}' };

describe('pipeline: first weights of a base', () => {
  let folder: string;
  before(async function () {
    await useEngine(this, 'tensorflow');
    folder = workFolder();
    const network = createNetwork(NETWORK, { seed: 5 });
    // A part of the network: all but its last layer.
    const part = [...stateDict(network)].filter(([name]) => name.startsWith('base.'));
    network.dispose();
    const tensors = new Map(part.map(([name, { shape, data }]) => [name, { dtype: 'F32' as const, shape, data }]));
    await writeFile(join(folder, 'first.safetensors'), encodeSafetensors(tensors, {}));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const read = async (first: string) => {
    const base = { train: { ...TRAIN, learningRate: 1e-9 } };
    const samples = { train: 'train[0:2]', validate: 'val[0:1]' };
    const config = { experiment: 'first', data: 'scenes:7@32x32', ...samples, base, levels: ['jpeg=5'] };
    const rest = { budget: '1%', methods: ['original'], finetune: { epochs: 1 }, frames: { samples: 0 }, seed: 1 };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, ...rest }));
    return readExperiment(join(folder, 'config.json'), { FIRST: join(folder, first) });
  };
  const optionsOf = async (first: string) => {
    const engine = await startEngine({ engine: 'tensorflow' });
    return { experiment: await read(first), work: join(folder, 'work'), out: join(folder, 'out'), engine, command: '' };
  };

  it('begin its training, and count by what they are, not by where', async () => {
    const options = await optionsOf('first.safetensors');
    await runExperiment(options);
    const base = (await planExperiment(options)).find(({ id }) => id === 'base')!;
    expect(base.state).to.equal('cached');
    const made = (await readdir(join(folder, 'work', 'steps'))).find((name) => name.startsWith('base-'))!;
    const { state } = await loadCheckpoint(join(folder, 'work', 'steps', made, 'checkpoint'));
    const { tensors } = decodeSafetensors(await readFile(join(folder, 'first.safetensors')), 'first');
    const weights = [...tensors].filter(([name]) => name.endsWith('conv1.weight'));
    expect(weights.length).to.be.above(3);
    for (const [name, tensor] of weights) {
      const [own, first] = [state.get(name)!.data, toFloat32(tensor)];
      expect(Math.max(...own.map((value, i) => Math.abs(value - first[i]!))), name).to.be.below(1e-6);
    }

    await copyFile(join(folder, 'first.safetensors'), join(folder, 'moved.safetensors'));
    const moved = await planExperiment(await optionsOf('moved.safetensors'));
    expect(moved.map(({ state: found }) => found)).to.deep.equal(moved.map(() => 'cached'));
    const [name, tensor] = weights[0]!;
    const other = new Map([[name, { dtype: 'F32' as const, shape: tensor.shape, data: toFloat32(tensor).map((x) => 2 * x) }]]); // prettier-ignore
    await writeFile(join(folder, 'other.safetensors'), encodeSafetensors(other, {}));
    const changed = await planExperiment(await optionsOf('other.safetensors'));
    expect(changed.find(({ id }) => id === 'base')!.state).to.not.equal('cached');
  });

  it('that are missing are named before anything runs', async () => {
    await expectFailure(optionsOf('gone.safetensors').then(planExperiment), 'E_SAFETENSORS', 'gone.safetensors');
  });
});
