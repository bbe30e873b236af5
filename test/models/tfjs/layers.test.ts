import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { readTfjs } from '../../../src/models/tfjs/read.js';
import { translatedLayers } from '../../../src/models/tfjs/layers/registry.js';
import { onEngines, useEngine } from '../../support/engines.js';
import { drawn, modelFile, type Numbers } from './support/build.js';
import { expectSame } from './support/compare.js';
import { LAYER_CASES, MERGES } from './support/layer-cases.js';

/** Saves a model as tf.LayersModel does, with weights that differ from what they begin with; frees it. */
async function saved(model: tf.LayersModel): Promise<string> {
  const weights = model.getWeights();
  const others = weights.map(({ shape }, i) => tf.tensor(drawn(...shape).values.map((value) => 0.3 + Math.abs(value + i / 7) / 3), shape)); // prettier-ignore
  model.setWeights(others);
  tf.dispose(others);
  let file = '';
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = new Uint8Array(weightData as ArrayBuffer);
      file = modelFile({ format: 'layers-model', modelTopology }, weightSpecs as object[], bytes);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  model.dispose();
  return file;
}

function pictures(name: string, input: readonly (number | null)[]): Record<string, Numbers> {
  return { [name]: drawn(2, ...input.map((side) => side ?? 5)) };
}

onEngines(
  'tfjs: layers give what TensorFlow.js gives',
  () => {
    for (const { title, input, layers } of LAYER_CASES) {
      it(title, async () => {
        const entry = tf.input({ shape: input, name: 'x' });
        const output = layers().reduce((value, layer) => layer.apply(value) as tf.SymbolicTensor, entry);
        await expectSame(await saved(tf.model({ inputs: entry, outputs: output })), pictures('x', input), 1e-5);
      });
    }

    for (const merge of MERGES) {
      it(`${merge().getClassName()} of two branches, axis ${JSON.stringify(merge().getConfig()['axis'])}`, async () => {
        const entry = tf.input({ shape: [6, 7, 3], name: 'x' });
        const branches = [1, 3].map((kernelSize) =>
          tf.layers.conv2d({ filters: 3, kernelSize, padding: 'same' }).apply(entry),
        ) as tf.SymbolicTensor[];
        const model = tf.model({ inputs: entry, outputs: merge().apply(branches) as tf.SymbolicTensor });
        await expectSame(await saved(model), pictures('x', [6, 7, 3]), 1e-5);
      });
    }

    it('a sequential model', async () => {
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, strides: 2, useBias: false }),
          tf.layers.batchNormalization(),
          tf.layers.reLU(),
          tf.layers.globalAveragePooling2d({}),
          tf.layers.dense({ units: 3, activation: 'softmax' }),
        ],
      });
      model.build();
      const name = model.inputNames[0]!;
      await expectSame(await saved(model), pictures(name, [8, 8, 3]), 1e-5);
    });

    it('one that gearnn lacks is named with its node', async () => {
      const model = tf.sequential({ layers: [tf.layers.gru({ units: 2, inputShape: [4, 3], name: 'memory' })] });
      const { model: read } = await readTfjs(await saved(model));
      expect(read.graph.nodes.map(({ domain, op, name }) => [domain, op, name])).to.deep.include(['tensorflow', 'GRU', 'memory']); // prettier-ignore
    });
  },
  ['cpu'],
);

// TensorFlow.js frees the weights of inner models twice and counts them so, so nothing counts tensors here.
describe('tfjs: models of layers', () => {
  before(async function () {
    await useEngine(this, 'cpu');
  });

  it('a model inside a model, whose layer is used twice, and two outputs', async () => {
    const block = tf.sequential({ layers: [tf.layers.conv2d({ inputShape: [6, 7, 3], filters: 3, kernelSize: 3, padding: 'same', activation: 'relu' })] }); // prettier-ignore
    const entry = tf.input({ shape: [6, 7, 3], name: 'x' });
    const first = block.apply(entry) as tf.SymbolicTensor;
    const head = tf.layers.conv2d({ filters: 2, kernelSize: 1, name: 'head' });
    const outputs = [head.apply(first), head.apply(block.apply(first))] as tf.SymbolicTensor[];
    await expectSame(await saved(tf.model({ inputs: entry, outputs })), pictures('x', [6, 7, 3]), 1e-5);
  });
});

describe('tfjs: layers', () => {
  it('have a case each', () => {
    const tried = new Set([...LAYER_CASES.flatMap(({ layers }) => layers()), ...MERGES.map((merge) => merge())].map((layer) => layer.getClassName())); // prettier-ignore
    expect(translatedLayers().filter((name) => !tried.has(name))).to.deep.equal([]);
  });
});
