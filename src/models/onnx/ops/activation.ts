import tf from '../../../common/tf.cjs';
import type { Value } from '../value.js';
import { detached, elementwise, elementwiseOp } from './elementwise.js';
import type { Call, Family, Op } from './op.js';

/** Activations of one number, some with constants of their own as attributes. */
export const activation: Family = {
  Relu: of((x) => tf.relu(x)),
  LeakyRelu: of((x, call) => tf.leakyRelu(x, call.float('alpha', 0.01))),
  PRelu: elementwiseOp(2, { tensor: (x, slope) => tf.prelu(x!, slope!) }),
  ThresholdedRelu: of((x, call) => {
    const above = tf.cast(tf.greater(detached(x), call.float('alpha', 1)), 'float32');
    return tf.mul(x, above);
  }),
  Sigmoid: of((x) => tf.sigmoid(x)),
  HardSigmoid: of((x, call) =>
    tf.clipByValue(tf.add(tf.mul(x, call.float('alpha', 0.2)), call.float('beta', 0.5)), 0, 1),
  ),
  HardSwish: of((x) => tf.mul(tf.mul(x, tf.relu6(tf.add(x, 3))), 1 / 6)),
  Elu: of((x, call) => elu(x, call.float('alpha', 1))),
  Celu: of((x, call) => {
    const alpha = call.float('alpha', 1);
    return elu(x, alpha, alpha);
  }),
  Selu: of((x, call) => tf.mul(elu(x, call.float('alpha', 1.6732632)), call.float('gamma', 1.050701))),
  Gelu: of((x, call) => gelu(x, call.text('approximate', 'none') === 'tanh')),
  Mish: of((x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  Swish: of((x, call) => tf.mul(x, tf.sigmoid(tf.mul(x, call.float('alpha', 1))))),
  Softplus: of((x) => tf.softplus(x)),
  Softsign: of((x) => tf.div(x, tf.add(tf.abs(x), 1))),
  Shrink: of((x, call) => {
    const [lambd, bias] = [call.float('lambd', 0.5), call.float('bias', 0)];
    const above = tf.cast(tf.greater(detached(x), lambd), 'float32');
    const below = tf.cast(tf.less(detached(x), -lambd), 'float32');
    return tf.add(tf.mul(tf.sub(x, bias), above), tf.mul(tf.add(x, bias), below));
  }),
  Clip: (call, x, min, max) => clip(call, call.need(x, 'input'), min, max),
};

function of(compute: (x: tf.Tensor, call: Call) => tf.Tensor): Op {
  return (call, x) => elementwise(call, { tensor: (tensor) => compute(tensor!, call) }, call.need(x, 'X'));
}

/** `x` above 0, `alpha (exp(x / divisor) - 1)` below. */
function elu(x: tf.Tensor, alpha: number, divisor = 1): tf.Tensor {
  return tf.add(tf.relu(x), tf.mul(tf.expm1(tf.div(tf.minimum(x, 0), divisor)), alpha));
}

/** @source ONNX's Gelu: exact by the error function, or its approximation by tanh */
function gelu(x: tf.Tensor, isApproximate: boolean): tf.Tensor {
  const inner = isApproximate
    ? tf.tanh(tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
    : tf.erf(tf.mul(x, Math.SQRT1_2));
  return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
}

/** Limits are attributes up to version 6, inputs from 11 on. */
function clip(call: Call, x: Value, min: Value | undefined, max: Value | undefined): Value {
  const low = min?.data()[0] ?? call.float('min', -Infinity);
  const high = max?.data()[0] ?? call.float('max', Infinity);
  const tensor = (values: tf.Tensor): tf.Tensor => {
    if (!x.isFloat) {
      const above = Number.isFinite(low) ? tf.maximum(values, tf.scalar(low, 'int32')) : values;
      return Number.isFinite(high) ? tf.minimum(above, tf.scalar(high, 'int32')) : above;
    }
    // One op instead of two, which TensorFlow also joins with a convolution in front.
    if (low === 0 && (high === 6 || high === Infinity)) return high === 6 ? tf.relu6(values) : tf.relu(values);
    // Of limits that are exchanged the upper one counts.
    return low <= high ? tf.clipByValue(values, low, high) : tf.fill(values.shape, high);
  };
  return elementwise(call, { host: (v) => Math.min(high, Math.max(low, v!)), tensor: (v) => tensor(v!) }, x);
}
