import type { StateDict } from '../state-dict.js';
import { isNeutral, scaledWeight, weightOf } from './affine.js';
import type { OnnxSource } from './config.js';
import { GraphEditor } from './edit.js';
import { openOnnx } from './open.js';
import type { OnnxParameter, OnnxParameters, Scaled } from './parameters.js';
import { newNode, readMessage, writeMessage } from './write.js';

/**
 * Writes a file with other values: scales become part of their layer's weights, and shifts its bias. What does not differ stays as it is, byte
 * by byte.
 *
 * @param state all parameters of the network, in the file's order
 * @returns the file's bytes
 * @throws E_ONNX_FILE where it would be over 2 GB; what reading it throws
 */
export async function writeMerged(source: OnnxSource, state: StateDict, out: string): Promise<number> {
  const opened = openOnnx(source);
  const message = readMessage(source.path);
  const editor = new GraphEditor(message);
  for (const { name, data } of learnedOf(opened)) {
    const values = state.get(name)!.data;
    if (!isSame(values, data)) editor.replace(name, values);
  }
  for (const scaled of opened.scaled) merge(scaled, state, editor);
  editor.finish();
  return writeMessage(out, message);
}

function merge(scaled: Scaled, state: StateDict, editor: GraphEditor): void {
  const scale = state.get(scaled.scale)!.data;
  const shift = scaled.shift === undefined ? new Float32Array() : state.get(scaled.shift)!.data;
  const neutral = isNeutral({ scale, shift });
  const node = editor.node(scaled.node);
  const weight = weightOf(scaled, editor);
  if (!neutral.scale) {
    const values = state.get(weight.name)!;
    const product = scaledWeight(scaled.node, values, scale);
    if (!weight.isRenamed && editor.isUsedOnce(weight.name)) editor.replace(weight.name, product);
    else node.input[1] = editor.add(`${scaled.scale}.weight`, weight.type, [...values.shape], product);
  }
  if (neutral.shift) return;
  const bias = editor.add(scaled.shift!, weight.type, [shift.length], shift);
  if (node.opType === 'MatMul') editor.behind(node, [(input, output) => newNode('Add', [input, bias], output)]);
  else node.input = [...node.input.slice(0, 2), bias];
}

/** Parameters that are tensors of the file. */
export function learnedOf({ parameters, scaled }: OnnxParameters): OnnxParameter[] {
  const virtual = new Set(scaled.flatMap(({ scale, shift }) => [scale, shift]));
  return parameters.filter(({ name }) => !virtual.has(name));
}

/** Whether values are the same, bit by bit. */
export function isSame(a: Float32Array, b: Float32Array): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength);
  return a === b || bytes(a).equals(bytes(b));
}
