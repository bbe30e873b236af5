import * as tf from '@tensorflow/tfjs';
import type { LayerVariable } from '@tensorflow/tfjs-layers/dist/variables.js';
import { expect } from 'chai';
import type { Adaptor } from '../../src/adaptor/file.js';
import type { ItemsConfig } from '../../src/adaptor/kinds/items.js';
import type { Pixels } from '../../src/image/pixels.js';
import type { Network, Parameter, Role } from '../../src/models/network.js';
import { layeredNetwork } from '../../src/models/layered-network.js';
import { referenceShape } from '../../src/models/layout.js';
import { type StateDict, stateDict } from '../../src/models/state-dict.js';
import { AdaptedNetwork } from '../../src/serve/adapted-network.js';
import { type Ready, runsOf } from '../../src/serve/runs.js';
import { onEngines } from '../support/engines.js';

const CLASSES = 2;
const ROLES: Record<string, Role> = {
  kernel: 'weight',
  gamma: 'scale',
  beta: 'shift',
  moving_mean: 'mean',
  moving_variance: 'variance',
};

/** A network of TensorFlow.js' own layers, which know nothing of this project: every pixel is of class 0. */
function plainNetwork(): Network {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [null, null, 3], filters: 4, kernelSize: 3, padding: 'same' }),
      tf.layers.batchNormalization(),
      tf.layers.conv2d({ filters: CLASSES, kernelSize: 1, kernelInitializer: 'zeros' }),
    ],
  });
  const parameters = model.layers.flatMap((layer) =>
    (layer.weights as unknown as LayerVariable[]).map((weight): Parameter => {
      const { originalName: name } = weight;
      const variable = weight.read() as tf.Variable;
      const [group, part] = name.split('/') as [string, string];
      const layout = part === 'kernel' ? 'conv' : 'plain';
      const shape = referenceShape(variable.shape, layout);
      return { name, role: ROLES[part] ?? 'bias', group, layout, shape, size: variable.size, variable };
    }),
  );
  return layeredNetwork({
    ...{ spec: { name: 'plain', classes: CLASSES, width: 1 }, task: 'segmentation', parameters, model, stride: 1 },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
  });
}

/** One that holds all tensors of the network, whose last bias prefers a class. */
function preferring(chosen: number, level: string, state: StateDict): Adaptor {
  const last = [...state.keys()].at(-1)!;
  const data = Float32Array.from({ length: CLASSES }, (_, id) => (id === chosen ? 1 : 0));
  const own: StateDict = new Map([...state, [last, { shape: [CLASSES], data }]]);
  const items = [...own].map(([name, { data: values }]) => ({ name, tensors: [name], size: values.length }));
  return {
    folder: level,
    config: { format: 'gearnn-adaptor', level, items, parameters: 0 } as unknown as ItemsConfig,
    state: own,
    hash: '',
  };
}

onEngines('adapted network of plain layers', () => {
  let network: AdaptedNetwork;
  const levels = ['jpeg=5', null, 'jpeg=50', 'jpeg=5'];

  before(() => {
    const base = plainNetwork();
    const state = stateDict(base);
    network = new AdaptedNetwork(base, { ignore: 255 });
    network.add(preferring(1, 'jpeg=5', state));
    network.add(preferring(0, 'jpeg=50', state));
    network.warmUp();
  });
  after(() => network.dispose());

  /** Masks of frames that come together. */
  async function together(chosen: readonly (string | null)[]): Promise<number[][]> {
    const ready = chosen.map((level): Ready => {
      const pixels: Pixels = { data: new Uint8Array(2 * 2 * 3).fill(100), width: 2, height: 2, channels: 3 };
      const tracked: Ready['tracked'] = { level, confidence: 1, how: 'stated', known: {} };
      return { pixels, tracked, decode: 0, detect: 0 };
    });
    const masks: number[][] = [];
    for (const { frames, level } of runsOf(ready)) {
      const pass = await network.run(
        frames.map((i) => ready[i]!.pixels),
        level,
      );
      frames.forEach((i, k) => (masks[i] = [...pass.answers[k]!.mask]));
    }
    return masks;
  }

  it('answers frames of several levels that come together as it answers each alone', async () => {
    const alone: number[][] = [];
    for (const level of levels) alone.push(...(await together([level])));
    expect(alone.map(([first]) => first)).to.deep.equal([1, 0, 0, 1]);
    expect(await together(levels)).to.deep.equal(alone);
    expect(await together([...levels].reverse())).to.deep.equal([...alone].reverse());
  });
});
