import tf from '../../common/tf.cjs';
import { collectGarbage } from '../../engine/collect-garbage.js';
import { nativeBackend, nativeId } from '../../engine/native.js';
import { toTensorflow } from '../layout.js';
import type { Model } from './model.js';
import { variableAxes, type OnnxParameter } from './parameters.js';
import { Value } from './value.js';

/** Takes the place of values that live on the engine. */
const NONE = new Float32Array();

/** Bytes of weights from which on what was read and turned for them is freed before the next are. */
const MANY = 2 ** 25;

/**
 * Parameters' tensors as the engine computes with them, filters with their channels last: moved once, when they are loaded. The model's own
 * values of them are freed.
 */
export function takeWeights(model: Model, parameters: readonly OnnxParameter[]): tf.Tensor[] {
  let bytes = 0;
  return parameters.map((parameter) => {
    const tensor = takeWeight(model, parameter);
    bytes += 4 * tensor.size;
    if (bytes >= MANY) {
      collectGarbage();
      bytes = 0;
    }
    return tensor;
  });
}

function takeWeight(model: Model, parameter: OnnxParameter): tf.Tensor {
  const shape = variableAxes(parameter).map((axis) => parameter.shape[axis]!);
  const tensor = tf.tensor(toTensorflow(parameter.data, parameter), shape);
  const backend = nativeBackend();
  // TensorFlow.js keeps an array until an op needs it: of all weights at once there would be two.
  if (backend) nativeId(backend, tensor);
  free(model, parameter.name);
  return tensor;
}

/** A parameter's tensor under the shape that the file has. */
export function weightValue(parameter: Pick<OnnxParameter, 'layout' | 'shape'>, tensor: tf.Tensor): Value {
  return Value.of('float32', tensor, variableAxes(parameter));
}

function free({ graph }: Model, name: string): void {
  const weight = graph.initializers.get(name);
  if (weight) {
    const { type, shape } = weight;
    graph.initializers.set(name, { type, shape, data: NONE });
    return;
  }
  const node = graph.nodes.find(({ op, outputs }) => op === 'Constant' && outputs[0] === name);
  const value = node?.attributes.get('value');
  if (typeof value !== 'object' || !('data' in value)) return;
  const { type, shape } = value;
  node!.attributes = new Map([...node!.attributes, ['value', { type, shape, data: NONE }]]);
}
