import { z } from 'zod';
import { attempt } from '../../common/outcome.js';
import { fail } from '../../common/errors.js';
import { sha256 } from '../../common/files.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  toFloat32,
  type SafeTensor,
  type TensorToWrite,
} from '../safetensors.js';
import type { StateDict } from '../state-dict.js';
import { affineOf, channelShape, isNeutral, weightOf } from './affine.js';
import type { OnnxSource } from './config.js';
import { GraphEditor } from './edit.js';
import { isSame, learnedOf } from './merge-state.js';
import { decodeMessage, messageType, type ModelMessage, type NodeMessage } from './messages.js';
import { openOnnx } from './open.js';
import type { FloatType } from './types.js';
import { newNode, readMessage } from './write.js';

const FORMAT = 'gearnn-onnx-patch';

/** What follows a layer, in this order: by a number for each of its output channels. */
type Step = ['Mul' | 'Add', tensor: string];

/** Operations that are put behind the node that makes `output`; the last of them makes it from then on. */
interface Layer {
  output: string;
  steps: Step[];
}

const metadataSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal('1'),
  model: z.string().length(64),
  level: z.string(),
  /** JSON. */
  tensors: z.string(),
  layers: z.string(),
});
const layersSchema = z.array(
  z.object({ output: z.string(), steps: z.array(z.tuple([z.enum(['Mul', 'Add']), z.string()])) }),
);

/** What a patch is made of and for. */
export interface PatchOptions {
  /** All parameters of the network at the level, in the file's order. */
  state: StateDict;
  level: string;
  /** SHA-256 of the ONNX file alone, without its external data. */
  model: string;
}

/**
 * What turns an ONNX file into that of one level, as safetensors: constants with other values under their names in the file, and the scales and
 * shifts of layers. The metadata say which is which: docs/export.md.
 *
 * @throws E_USAGE for a file whose numbers are neither fp32 nor fp16; what reading it throws
 */
export function encodePatch(source: OnnxSource, { state, level, model }: PatchOptions): Uint8Array {
  const opened = openOnnx(source);
  const editor = new GraphEditor(readMessage(source.path));
  const all = new Map<string, TensorToWrite>();
  const put = (name: string, type: FloatType, shape: number[], data: Float32Array): string => {
    all.set(name, { dtype: storedType(type, source.path), shape, data });
    return name;
  };
  const tensors = learnedOf(opened)
    .filter(({ name, data }) => !isSame(state.get(name)!.data, data))
    .map(({ name, shape }) => put(name, editor.source(name).type, shape, state.get(name)!.data));
  const layers = opened.scaled.flatMap((scaled): Layer[] => {
    const affine = affineOf(scaled, editor, (name) => state.get(name)!);
    const neutral = isNeutral(affine);
    const weight = weightOf(scaled, editor);
    const rank = opened.parameters.find(({ name }) => name === weight.name)!.shape.length;
    const steps = ([['Mul', 'scale'], ['Add', 'shift']] as const).filter(([, kind]) => !neutral[kind]); // prettier-ignore
    const made = steps.map(([op, kind]): Step => {
      const values = affine[kind];
      const name = editor.unique(scaled.scale.replace(/scale_*$/, kind));
      return [op, put(name, weight.type, channelShape(scaled.node, values.length, rank), values)];
    });
    return made.length > 0 ? [{ output: scaled.node.outputs[0]!, steps: made }] : [];
  });
  const about = { format: FORMAT, version: '1', model, level };
  return encodeSafetensors(all, { ...about, tensors: JSON.stringify(tensors), layers: JSON.stringify(layers) });
}

/**
 * An ONNX file as a patch of `gearnn export --patch` makes it: that of one level. External data of what is not changed stay where they are.
 *
 * @param model the bytes of the file that was imported
 * @param patch the bytes of the patch
 * @returns the bytes of the other file
 * @throws E_ONNX_PATCH for a patch of another file, and for a file that is none; E_SAFETENSORS
 */
export function patchOnnx(model: Uint8Array, patch: Uint8Array): Uint8Array {
  const { metadata, tensors } = decodeSafetensors(patch, 'patch');
  const about = metadataSchema.safeParse(metadata);
  if (!about.success) refuse(`a file that gearnn export --patch has written`, about.error.issues[0]!.message);
  const hash = sha256(model);
  if (about.data.model !== hash) refuse(`the ONNX file that it was made for, ${about.data.model}`, hash);
  const replaced = parsed(about.data.tensors, z.array(z.string()));
  const layers = parsed(about.data.layers, layersSchema);
  const message = decodeMessage<ModelMessage>('ModelProto', model, true);
  const editor = new GraphEditor(message);
  const tensorOf = (name: string): SafeTensor =>
    tensors.get(name) ?? refuse(`a tensor ${name}, which its metadata name`, 'none');
  const [unknown] = [...replaced, ...layers.map(({ output }) => output)].filter((name) => !editor.has(name));
  if (unknown !== undefined) refuse('names of values that the ONNX file has', unknown);
  for (const name of replaced) editor.replace(name, toFloat32(tensorOf(name)));
  for (const { output, steps } of layers) {
    const made = steps.map(([op, name]) => {
      const tensor = tensorOf(name);
      const type = tensor.dtype === 'F16' ? 'float16' : 'float32';
      const constant = editor.add(name, type, tensor.shape, toFloat32(tensor));
      return (input: string, result: string): NodeMessage => newNode(op, [input, constant], result);
    });
    editor.behind(editor.node({ outputs: [output] }), made);
  }
  editor.finish();
  return messageType('ModelProto').encode(message).finish();
}

function storedType(type: FloatType, where: string): TensorToWrite['dtype'] {
  if (type === 'float32') return 'F32';
  if (type === 'float16') return 'F16';
  const todo = 'Export a whole file: --onnx.';
  return fail('E_USAGE', { where, expected: 'numbers in fp32 or fp16, of which patches are made', got: type, todo });
}

function parsed<T>(text: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(attempt(() => JSON.parse(text) as unknown));
  return result.success ? result.data : refuse('metadata as gearnn writes them', result.error.issues[0]!.message);
}

function refuse(expected: string, got: string): never {
  fail('E_ONNX_PATCH', { where: 'patch', expected, got, todo: 'Export it again: gearnn export --patch.' });
}
