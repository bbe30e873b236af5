import * as tf from '@tensorflow/tfjs';
import type { LayerVariable } from '@tensorflow/tfjs-layers/dist/variables.js';
import { expect } from 'chai';
import type { AdaptorConfig } from '../../src/adaptor/config.js';
import type { Adaptor } from '../../src/adaptor/file.js';
import type { Pixels } from '../../src/image/pixels.js';
import type { Network, StateKind } from '../../src/models/network.js';
import { type StateDict, stateDict } from '../../src/models/state-dict.js';
import { AdaptedNetwork } from '../../src/serve/adapted-network.js';
import { type Ready, runsOf } from '../../src/serve/runs.js';
import { onEngines } from '../support/engines.js';

const CLASSES = 2;
const KINDS: Record<string, StateKind> = {
  kernel: 'weight',
  gamma: 'weight',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
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
  const state = model.layers.flatMap((layer) =>
    (layer.weights as unknown as LayerVariable[]).map((variable) => {
      const name = variable.originalName;
      const shape = variable.shape as number[];
      // As PyTorch stores them: [out, in, height, width].
      const stored = shape.length === 4 ? [shape[3]!, shape[2]!, shape[0]!, shape[1]!] : shape;
      const parameters = shape.reduce((a, b) => a * b, 1);
      return { name, kind: KINDS[name.split('/')[1]!] ?? ('bias' as const), shape: stored, parameters, variable };
    }),
  );
  return {
    config: { name: 'plain', classes: CLASSES, width: 1 },
    model,
    state,
    normalizations: [],
    stride: 1,
    task: 'segmentation',
    dispose: () => model.dispose(),
  };
}

/** One that holds all tensors of the network, whose last bias prefers a class. */
function preferring(chosen: number, level: string, state: StateDict): Adaptor {
  const last = [...state.keys()].at(-1)!;
  const data = Float32Array.from({ length: CLASSES }, (_, id) => (id === chosen ? 1 : 0));
  const own: StateDict = new Map([...state, [last, { shape: [CLASSES], data }]]);
  const items = [...own].map(([name, { data: values }]) => ({ name, tensors: [name], size: values.length }));
  return { folder: level, config: { level, items, parameters: 0 } as unknown as AdaptorConfig, state: own };
}

onEngines('adapted network of plain layers', () => {
  let network: AdaptedNetwork;
  const levels = ['jpeg=5', null, 'jpeg=50', 'jpeg=5'];

  before(() => {
    const base = plainNetwork();
    const state = stateDict(base);
    network = new AdaptedNetwork(base, { preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] }, ignore: 255 });
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
      frames.forEach((i, k) => (masks[i] = [...pass.masks[k]!]));
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
