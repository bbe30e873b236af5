import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { attributes } from './attrs.js';
import { toBfloat16 } from './passes/bf16.js';
import { foldBatchNorm } from './passes/fold-batch-norm.js';
import { serializeGraph } from './graph-def.js';
import { GraphNode, rewrite } from './graph.js';
import { nativeBackend, type NativeBinding } from './native.js';
import { cast } from './nodes.js';
import { enginePrecision, type Precision } from './precision.js';
import { trace } from './trace.js';
import { writeParts } from './write-parts.js';
import { makeFolderSync } from '../common/folders.js';

/** An input of a SavedModel, and of the function that it is made from. */
export interface SavedInput {
  /** What the function is recorded with: its shape, and its type unless one of the next is given. int32. */
  example: tf.Tensor;
  /** The model takes bytes, which the function sees as int32. */
  bytes?: boolean;
  /** The model takes a text `[1]`, of which the function sees the position among these, `[1]`; 0 for any other text. */
  oneOf?: readonly string[];
}

export interface SavedModelOptions {
  /** Variables whose present values become part of the model. All others must be assigned by the function before it reads them. */
  fold: (variable: tf.Variable) => boolean;
  /** Tensors from outside that become part of it as well. */
  constants?: tf.Tensor[];
  precision?: Precision;
}

/**
 * Writes a function as a SavedModel with signature `serving_default`, which TensorFlow, TensorFlow Serving and Triton load. What the
 * function assigns to variables holds within a run alone.
 *
 * @param fn takes the inputs in their order, returns the outputs by name
 * @param outputs by name, whether the model gives one as bytes: it is int32, 0..255, then
 * @param folder gets `saved_model.pb`, whole or not at all
 * @throws E_USAGE where another engine than tensorflow runs, or a variable is neither folded nor assigned; what `compile` throws
 */
export function writeSavedModel(
  folder: string,
  fn: (...inputs: tf.Tensor[]) => tf.NamedTensorMap,
  inputs: Readonly<Record<string, SavedInput>>,
  outputs: Readonly<Record<string, { bytes: boolean }>>,
  { fold, constants, precision = enginePrecision() }: SavedModelOptions,
): void {
  const backend = nativeBackend();
  if (!backend) {
    return fail('E_USAGE', {
      where: 'SavedModel',
      expected: 'the tensorflow engine, which records the graph',
      got: `the ${tf.getBackend()} engine`,
      todo: 'Run gearnn engine install.',
    });
  }
  const { binding } = backend;
  const taken = Object.values(inputs);
  const recorded = trace(
    backend,
    // In the order of their names.
    (...tensors) => {
      const made = fn(...tensors);
      return Object.keys(outputs).map((name) => made[name]!);
    },
    taken.map(({ example }) => example),
    { fold, constants },
  );
  if (recorded.fed.length > 0) {
    const names = recorded.fed.map(({ tensor }) => (tensor as Partial<tf.Variable>).name ?? 'a tensor');
    return fail('E_USAGE', {
      where: 'SavedModel',
      expected: 'every variable folded or assigned',
      got: names.join(', '),
    });
  }
  const outside = new Map(taken.map((input, i) => [recorded.inputs[i]!, outsideOf(binding, input)]));
  const recordedRefs = recorded.outputs.map(({ ref }) => ref);
  const answers = foldBatchNorm(binding, recordedRefs);
  const typed = precision === 'bf16' ? toBfloat16(binding, answers) : answers;
  const refs = rewrite(typed, (node) => outside.get(node)?.inside);
  const given = Object.values(outputs).map(({ bytes }, i) => bytes ? cast(binding, refs[i]!, binding.TF_UINT8) : refs[i]!); // prettier-ignore
  const placeholders = recorded.inputs.map((node) => outside.get(node)!.placeholder);
  const names = Object.keys(inputs);
  const { savedModel } = serializeGraph(binding, placeholders, given, {
    signature: {
      inputs: Object.fromEntries(placeholders.map((node, i) => [names[i]!, { node, index: 0 }])),
      outputs: Object.fromEntries(Object.keys(outputs).map((name, i) => [name, given[i]!])),
    },
  });
  makeFolderSync(folder);
  const path = join(folder, 'saved_model.pb');
  const temporary = `${path}.${process.pid}`;
  try {
    writeParts(temporary, savedModel, { durable: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const system = error as NodeJS.ErrnoException;
    if (system.path === temporary) system.path = path;
    throw error;
  }
}

/** What the model takes in an input's place, and what the function's Placeholder becomes. */
interface Outside {
  placeholder: GraphNode;
  inside: GraphNode;
}

function outsideOf(binding: NativeBinding, { example, bytes, oneOf }: SavedInput): Outside {
  const dtype = oneOf ? binding.TF_STRING : bytes ? binding.TF_UINT8 : binding.TF_INT32;
  const placeholder = GraphNode.placeholder(dtype, example.shape);
  const ref = { node: placeholder, index: 0 };
  if (!oneOf) return { placeholder, inside: bytes ? cast(binding, ref, binding.TF_INT32).node : placeholder };
  const { type } = attributes(binding);
  const known = { node: GraphNode.constant(binding.TF_STRING, [oneOf.length], [...oneOf]), index: 0 };
  const shape = { node: GraphNode.constant(binding.TF_INT32, [1], Int32Array.of(1)), index: 0 };
  const equal = new GraphNode(
    'Equal',
    [type('T', binding.TF_STRING)],
    [known, ref],
    [{ dtype: binding.TF_BOOL, shape: [oneOf.length] }],
  );
  const axis = { node: GraphNode.constant(binding.TF_INT32, [], Int32Array.of(0)), index: 0 };
  const first = new GraphNode(
    'ArgMax',
    [type('T', binding.TF_INT32), type('Tidx', binding.TF_INT32), type('output_type', binding.TF_INT32)],
    [cast(binding, { node: equal, index: 0 }, binding.TF_INT32), axis],
    [{ dtype: binding.TF_INT32, shape: [] }],
  );
  const position = new GraphNode(
    'Reshape',
    [type('T', binding.TF_INT32), type('Tshape', binding.TF_INT32)],
    [{ node: first, index: 0 }, shape],
    [{ dtype: binding.TF_INT32, shape: [1] }],
  );
  return { placeholder, inside: position };
}
