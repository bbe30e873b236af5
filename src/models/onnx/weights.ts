import * as tf from '@tensorflow/tfjs';
import { nativeBackend, nativeId } from '../../engine/native.js';
import { toTensorflow } from '../layout.js';
import type { Model } from './model.js';
import { variableAxes, type OnnxParameter } from './parameters.js';
import { Value } from './value.js';

/** Takes the place of values that live on the engine. */
const NONE = new Float32Array();

/**
 * A parameter's tensor as the engine computes with it, filters with their channels last: moved once, when it is loaded. The file's values of it
 * are freed, as far as they are the model's.
 */
export function takeWeight(model: Model, parameter: OnnxParameter): tf.Tensor {
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
