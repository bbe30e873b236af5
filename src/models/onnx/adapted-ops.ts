import tf from '../../common/tf.cjs';
import { batchNormFrozen, batchNormTraining } from '../../ops/index.js';
import type { Statistics } from '../network.js';
import { blended } from '../statistics.js';
import { channelsLast, inOrder } from './axes.js';
import type { Op } from './ops/op.js';
import { findOp } from './ops/registry.js';
import type { Normalization, Scaled } from './parameters.js';
import { sizeOf } from './tensor-data.js';
import { Value } from './value.js';

/** A parameter's variable by its name. */
export type Variables = ReadonlyMap<string, tf.Variable>;

/**
 * A convolution or matrix product times a scale per output channel, plus its bias or shift: as a normalization by mean 0 and variance 1, which
 * a graph for inference folds into the weights, and whose gradients cost one pass over the output.
 */
export function scaledOp({ node, scale, shift }: Scaled, variables: Variables): Op {
  const run = findOp(node.domain, node.op)!;
  return (call, x, weights, bias) => {
    const y = [run(call, x, weights)].flat()[0]!;
    const factor = variables.get(scale)! as tf.Tensor1D;
    const own = shift === undefined ? bias && tf.reshape(bias.tensor(), [bias.size]) : variables.get(shift)!;
    // Those of a product are its last axis, those of a convolution the second one.
    const ofProduct = y.axes.at(-1) === y.rank - 1 ? y.axes : inOrder(y.rank);
    const axes = node.op === 'MatMul' ? ofProduct : channelsLast(y.rank);
    return Value.of(y.type, affine(y.in(axes), factor, own as tf.Tensor1D | undefined), axes);
  };
}

function affine(x: tf.Tensor, scale: tf.Tensor1D, given: tf.Tensor1D | undefined): tf.Tensor {
  const channels = scale.shape[0];
  const offset = given ?? tf.zeros<tf.Rank.R1>([channels]);
  const [mean, variance] = [tf.zeros<tf.Rank.R1>([channels]), tf.ones<tf.Rank.R1>([channels])];
  return onImages(x, (image) => batchNormFrozen(image, { scale, offset, mean, variance }, 0));
}

/** A batch normalization that goes by what is asked for, and moves its running statistics where that is the batch. */
export function normalizationOp(
  { group, scale, shift, mean, variance }: Normalization,
  variables: Variables,
  statistics: (group: string) => Statistics,
): Op | undefined {
  const chosen = statistics(group);
  if (chosen === 'running') return undefined;
  const variable = (name: string): tf.Variable => variables.get(name)!;
  return (call, x) => {
    const value = call.need(x, 'X');
    const last = channelsLast(value.rank);
    const tensors = { scale: variable(scale) as tf.Tensor1D, offset: variable(shift) as tf.Tensor1D };
    const momentum = call.float('momentum', 0.9);
    const y = onImages(value.in(last), (image) => {
      const epsilon = call.float('epsilon', 1e-5);
      const own = batchNormTraining(image, tensors, epsilon);
      if (typeof chosen === 'object') {
        const mixed = blended(chosen, own, { mean: variable(mean), variance: variable(variance) });
        return batchNormFrozen(image, { ...tensors, ...mixed }, epsilon);
      }
      for (const [running, now] of [
        [variable(mean), own.mean],
        [variable(variance), own.variance],
      ] as const) {
        const [kept, share] = chosen === 'sum' ? [1, 1] : [momentum, 1 - momentum];
        running.assign(tf.add(tf.mul(running, kept), tf.mul(now, share)));
      }
      return own.y;
    });
    return Value.of(value.type, y, last);
  };
}

/** A function of `[batch, height, width, channels]` on a tensor of any rank whose channels lie last. */
function onImages(x: tf.Tensor, run: (image: tf.Tensor4D) => tf.Tensor4D): tf.Tensor {
  if (x.rank === 4) return run(x as tf.Tensor4D);
  const channels = x.shape.at(-1)!;
  const flat = tf.reshape(x, [1, sizeOf(x.shape) / channels, 1, channels]);
  return tf.reshape(run(flat as tf.Tensor4D), x.shape);
}
