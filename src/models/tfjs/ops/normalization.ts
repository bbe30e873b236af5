import type { Call, Family, Translation } from '../call.js';
import type { Tensor } from '../emitter.js';

const batchNormalization: Translation = (call, x, scale, shift, mean, variance) => {
  const { node } = call;
  if (node.text('data_format', 'NHWC') !== 'NHWC' || node.flag('is_training')) return undefined;
  const statistics = [scale!, shift!, mean!, variance!].map((tensor) => call.emitter.ref(tensor));
  const attributes = { epsilon: { float: node.number('epsilon', 0.001) } };
  if (x!.rank === 2) return call.result('BatchNormalization', [x!, ...statistics], { attributes });
  return call.last(call.inner('BatchNormalization', [call.first(x!), ...statistics], attributes));
};

/** What is brought to a scale. */
export const normalization: Family = {
  FusedBatchNorm: batchNormalization,
  FusedBatchNormV2: batchNormalization,
  FusedBatchNormV3: batchNormalization,
  LRN: (call, x) => localResponse(call, x!),
  Softmax: (call, x) => call.result('Softmax', [x!], { attributes: { axis: -1 } }),
  LogSoftmax: (call, x) => call.result('LogSoftmax', [x!], { attributes: { axis: -1 } }),
};

function localResponse(call: Call, x: Tensor): Tensor {
  const { node } = call;
  const size = 2 * node.number('depth_radius', 5) + 1;
  const attributes = {
    size,
    // ONNX divides it by the number of channels.
    alpha: { float: node.number('alpha', 1) * size },
    beta: { float: node.number('beta', 0.5) },
    bias: { float: node.number('bias', 1) },
  };
  return call.last(call.inner('LRN', [call.first(x)], attributes));
}
