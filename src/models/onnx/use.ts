import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import { HEADS } from '../../detect/heads/registry.js';
import { tidyValues } from '../../engine/tidy-values.js';
import type { Network, NetworkOptions } from '../network.js';
import { OnnxGraph } from './graph.js';
import type { OnnxUse } from './guess.js';
import type { Model } from './model.js';
import { createOnnxNetwork } from './network.js';
import { inputValue } from './picture.js';

/** Side of the picture that is tried where a network that answers for the whole picture takes any. */
const SIDE = 224;

/** Class names of a network where nothing else says them. */
const ONLY: Partial<Record<Network['task'], string>> = { features: 'output', foreground: 'foreground' };

/**
 * Names of what a network tells apart, as many as its answer has numbers for: it is run on a black picture to count them.
 *
 * @throws E_CHECKPOINT_CLASSES for names that are more or fewer
 */
export function classNamesOf(model: Model, use: OnnxUse): string[] {
  const only = use.head ? undefined : ONLY[use.task];
  if (only !== undefined) return [only];
  const shape = tryShape(model, use);
  const axis = use.task === 'segmentation' && use.input.layout === 'nchw' ? 1 : shape.length - 1;
  const count = use.head
    ? classesOfHead(use.head, shape)
    : use.task === 'classification'
      ? shape.slice(1).reduce((product, side) => product * side, 1)
      : shape[axis]!;
  const known = use.head && HEADS[use.head.kind].classes;
  const { classes = known ?? Array.from({ length: count }, (_, id) => `class ${id}`) } = use;
  if (classes.length !== count)
    fail('E_CHECKPOINT_CLASSES', {
      where: 'classes',
      expected: `${count} names, as output ${use.compare[0]} [${shape}] has`,
      got: `${classes.length}`,
      todo: 'Name them with --classes FILE, one a line.',
    });
  return [...classes];
}

/** @throws E_ONNX_INPUT for an output of another kind of detector */
function classesOfHead({ kind, output }: NonNullable<OnnxUse['head']>, shape: readonly number[]): number {
  const head = HEADS[kind];
  return (
    head.classesIn(shape) ??
    fail('E_ONNX_INPUT', {
      where: `onnx output ${output}`,
      expected: `${head.shape}, as ${kind} has it`,
      got: `[${shape}]`,
      todo: 'Name the output with --compare, or another kind of detector with --head.',
    })
  );
}

/** Shape of the first compared value for one black picture. */
function tryShape(model: Model, { input, preprocessing, compare, task }: OnnxUse): readonly number[] {
  const { stride, size } = input;
  const side = task === 'classification' ? (preprocessing.fit?.crop ?? SIDE) : 2 * stride;
  const { height, width } = size ?? { height: side, width: side };
  const graph = new OnnxGraph(model, [compare[0]!]);
  return tidyValues(() => {
    const images = tf.zeros<tf.Rank.R4>([1, height, width, 3]);
    const type = model.graph.inputs[0]!.type ?? 'float32';
    return graph.run(new Map([[input.name, inputValue(images, input, preprocessing, type)]])).get(compare[0]!)!.shape;
  });
}

/** The network that a file is when it is used so. */
export function networkOfUse(path: string, model: Model, use: OnnxUse): Network {
  const { task, input, compare, answer, preprocessing, head } = use;
  const spec = { name: 'onnx', classes: classNamesOf(model, use).length, width: 1 };
  const options: NetworkOptions = { seed: null, preprocessing, onnx: { path, task, input, compare, answer, head } };
  return createOnnxNetwork(spec, options);
}
