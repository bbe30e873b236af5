import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import { OnnxGraph } from './graph.js';
import { inFile } from './in-file.js';
import type { ValueInfo } from './model.js';
import { readModel } from './parse.js';
import { engineType, Value } from './value.js';

/**
 * Runs an ONNX file once.
 *
 * @param path of the file, its external data beside it
 * @param inputs by name, with the shapes that the file has (`[batch, channels, height, width]`); an int32 tensor stands for every type of whole
 *   numbers, a float32 one for every type of floats. The caller still owns them
 * @returns the outputs by name, which the caller owns
 * @throws E_ONNX_FILE, E_ONNX_EXTERNAL, E_ONNX_GRAPH, E_ONNX_OPS, E_ONNX_QUANTIZED, E_ONNX_INPUT, E_ONNX_NODE, E_ONNX_SIZE
 */
export async function runOnnx(path: string, inputs: Record<string, tf.Tensor>): Promise<Record<string, tf.Tensor>> {
  const graph = inFile(path, () => new OnnxGraph(readModel(path)));
  await tf.ready();
  return inFile(path, () =>
    tf.tidy(() => {
      const values = graph.run(inputValues(graph.model.graph.inputs, inputs));
      return Object.fromEntries([...values].map(([name, value]) => [name, tf.clone(value.tensor())]));
    }),
  );
}

/** The inputs that a graph names as values, checked against what the file says of them. */
export function inputValues(
  infos: readonly ValueInfo[],
  inputs: Readonly<Record<string, tf.Tensor>>,
): Map<string, Value> {
  const named = infos.map(({ name }) => name);
  const unknown = Object.keys(inputs).filter((name) => !named.includes(name));
  if (unknown.length > 0)
    fail('E_ONNX_INPUT', { where: 'onnx inputs', expected: `some of ${named.join(', ')}`, got: unknown.join(', ') });
  return new Map(
    infos.flatMap((info) => {
      const tensor = inputs[info.name];
      return tensor ? [[info.name, Value.of(typeFor(info, tensor), tensor)] as const] : [];
    }),
  );
}

function typeFor({ name, type, shape }: ValueInfo, tensor: tf.Tensor): Value['type'] {
  const fits =
    shape === undefined ||
    (shape.length === tensor.rank &&
      shape.every((side, axis) => typeof side === 'string' || side === tensor.shape[axis]));
  const own = type ?? (tensor.dtype === 'float32' ? 'float32' : tensor.dtype === 'bool' ? 'bool' : 'int64');
  if (fits && engineType(own) === tensor.dtype) return own;
  return fail('E_ONNX_INPUT', {
    where: `onnx input ${name}`,
    expected: `${engineType(own)}${shape ? `[${shape.map((side) => side || '?')}]` : ''}`,
    got: `${tensor.dtype}[${tensor.shape}]`,
  });
}
