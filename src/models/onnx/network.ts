import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import { mapScoredBoxes } from '../../detect/scored-boxes.js';
import { decodeHead } from '../../detect/heads/decode.js';
import type { PackedArray } from '../../tasks/task.js';
import { requireImages } from '../require-images.js';
import type { Network, NetworkConfig, NetworkOptions, Parameter, Statistics } from '../network.js';
import { isLearned } from '../network.js';
import { IMAGENET } from '../preprocessing.js';
import { normalizationOp, scaledOp } from './adapted-ops.js';
import { logitsOf } from './answer.js';
import { measureActivations } from './measure-activations.js';
import { OnnxGraph } from './graph.js';
import type { Node } from './model.js';
import type { Op } from './ops/op.js';
import { openOnnx } from './open.js';
import { describeOutputs } from './describe-outputs.js';
import { inputValue } from './picture.js';
import { pictureMapping } from './place.js';
import { stemOutput, stemsOf } from './stems.js';
import { sizeOf } from './tensor-data.js';
import type { ElementType } from './types.js';
import type { Value } from './value.js';
import { takeWeights, weightValue } from './weights.js';

/**
 * A network out of an ONNX file, its weights as the file has them.
 *
 * @throws E_USAGE where no file is given; E_ONNX_FILE, E_ONNX_EXTERNAL, E_ONNX_GRAPH, E_ONNX_OPS, E_ONNX_QUANTIZED, and E_ONNX_INPUT where
 *   the file has no such input
 */
export function createOnnxNetwork(spec: NetworkConfig, options: NetworkOptions): Network {
  const { onnx } = options;
  const preprocessing = { ...IMAGENET, ...options.preprocessing };
  if (!onnx) {
    fail('E_USAGE', {
      where: 'model',
      expected: 'the folder that gearnn import has made of an ONNX file',
      got: `"${spec.name}"`,
      todo: 'Import the file, and give its folder as --checkpoint.',
    });
  }
  const { task, path, input, compare } = onnx;
  const head = onnx.head && { ...onnx.head, size: input.size };
  // Values of the file are not kept: what closures below refer to stays in memory.
  const { graph, answers, normalizations, scaled: affine, parameters: read } = openOnnx(onnx);
  const { model } = graph;
  const readsOutputs = task === 'features';
  const info = model.graph.inputs.find(({ name }) => name === input.name);
  if (!info) {
    const got = model.graph.inputs.map(({ name }) => name).join(', ') || 'none';
    fail('E_ONNX_INPUT', { where: path, expected: `an input ${input.name}`, got });
  }
  const tensors = takeWeights(model, read);
  const parameters = read.map(({ name, role, group, layout, shape }, i): Parameter => {
    const variable = tf.variable(tensors[i]!, isLearned({ role }));
    return { name, role, group, layout, shape, size: sizeOf(shape), variable };
  });
  tf.dispose(tensors);
  const variables = new Map(parameters.map(({ name, variable }) => [name, variable]));
  const scaled = new Map(affine.map((one): [Node, Op] => [one.node, scaledOp(one, variables)]));
  const single = input.unbatched || info.shape?.[0] === 1;

  const given = (images: tf.Tensor4D): Map<string, Value> => {
    const type = info.type ?? 'float32';
    const values = parameters.map((parameter): [string, Value] => [
      parameter.name,
      weightValue(parameter, parameter.variable),
    ]);
    return new Map([...values, [input.name, inputValue(images, input, preprocessing, type)]]);
  };
  const opsFor = (statistics?: (group: string) => Statistics): Map<Node, Op> => {
    const ops = new Map(scaled);
    for (const normalization of statistics ? normalizations : []) {
      const op = normalizationOp(normalization, variables, statistics!);
      if (op) ops.set(normalization.node, op);
    }
    return ops;
  };
  const ofBatch = (output: tf.Tensor): tf.Tensor =>
    input.unbatched && output.shape[0] !== 1 ? tf.expandDims(output) : tf.clone(output);
  const outputsOf = (images: tf.Tensor4D, ops: ReadonlyMap<Node, Op>): tf.NamedTensorMap => {
    const values = graph.run(given(images), ops);
    if (readsOutputs) return Object.fromEntries([...values].map(([name, value]) => [name, ofBatch(value.tensor())]));
    const [, height, width] = images.shape;
    const context = { task, classes: spec.classes, input, picture: { height, width } };
    return { logits: tf.clone(logitsOf(values.get(answers[0]!.name)!, answers[0]!, context)) };
  };
  const stems = stemsOf(graph.nodes, [...affine, ...normalizations], input.name, (name) => variables.has(name));
  let whole: OnnxGraph | undefined;
  let described: readonly PackedArray[] | undefined;

  return {
    ...{ spec, task, parameters },
    input: { stride: input.size ? 1 : input.stride, preprocessing, ...(input.size && { size: input.size }) },
    get outputs() {
      if (!readsOutputs) return undefined;
      described ??= describeOutputs(model.graph, compare, { input, run: (images) => outputsOf(images, scaled) });
      return described;
    },
    ...(head && {
      head,
      detect: (outputs, picture, least = head.score) =>
        mapScoredBoxes(
          decodeHead({ ...head, score: least }, outputs),
          pictureMapping(picture, input, preprocessing.fit),
          picture,
        ),
    }),
    forward(images, statistics) {
      requireImages(images.shape, input.size ? 1 : input.stride, spec.name);
      return tf.tidy(() => onePerRun(images, single, (part) => outputsOf(part, opsFor(statistics))));
    },
    raw(images) {
      requireImages(images.shape, input.size ? 1 : input.stride, spec.name);
      whole ??= new OnnxGraph(model);
      const types = new Map<string, ElementType>();
      const tensors = tf.tidy(() =>
        onePerRun(images, single, (part) => {
          const values = whole!.run(given(part), scaled);
          for (const [name, { type }] of values) types.set(name, type);
          return Object.fromEntries([...values].map(([name, value]) => [name, tf.clone(value.tensor())]));
        }),
      );
      return Object.fromEntries(
        Object.entries(tensors).map(([name, tensor]) => [name, { tensor, type: types.get(name)! }]),
      );
    },
    stems: {
      layers: stems,
      run(images) {
        const names = stems.map(({ node }) => node.outputs[0]!);
        const part = new OnnxGraph(model, names);
        return tf.tidy(() => {
          const values = part.run(given(images), scaled);
          return stems.map((stem, i) => tf.clone(stemOutput(stem, values.get(names[i]!)!)));
        });
      },
    },
    activations: () => measureActivations(graph.nodes, scaled, input, (images, ops) => void outputsOf(images, ops)),
    dispose: () => tf.dispose(parameters.map(({ variable }) => variable)),
  };
}

/** Files that take one picture at a time get them one by one. */
function onePerRun(
  images: tf.Tensor4D,
  single: boolean | undefined,
  run: (images: tf.Tensor4D) => tf.NamedTensorMap,
): tf.NamedTensorMap {
  const batch = images.shape[0];
  if (!single || batch === 1) return run(images);
  const parts = tf.split(images, batch).map((image) => run(image as tf.Tensor4D));
  return Object.fromEntries(Object.keys(parts[0]!).map((name) => [name, tf.concat(parts.map((part) => part[name]!))]));
}
