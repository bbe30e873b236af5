import type * as tf from '@tensorflow/tfjs';
import { scatterElements, scatterNd, type Reduction } from '../../../ops/index.js';
import { positive } from '../axes.js';
import { Value } from '../value.js';
import type { Call, Family, Op } from './op.js';

/** Values with numbers at some places replaced, or combined with others. */
export const scatter: Family = {
  Scatter: byElement(),
  ScatterElements: byElement(),
  ScatterND: op((call, x, indices, updates) => scatterNd(x, indices, updates, reductionOf(call))),
};

function byElement(): Op {
  return op((call, x, indices, updates) => {
    const axis = positive(call.int('axis', 0), x.rank);
    return scatterElements(x, indices, updates, axis, reductionOf(call));
  });
}

function op(compute: (call: Call, ...tensors: [tf.Tensor, tf.Tensor, tf.Tensor]) => tf.Tensor): Op {
  return (call, ...inputs) => {
    const [x, indices, updates] = ['data', 'indices', 'updates'].map((name, i) => call.need(inputs[i], name));
    return Value.of(x!.type, compute(call, x!.tensor(), indices!.tensor(), updates!.tensor()));
  };
}

function reductionOf(call: Call): Reduction {
  const reduction = call.text('reduction', 'none');
  const known: readonly string[] = ['none', 'add', 'mul', 'min', 'max'] satisfies Reduction[];
  return known.includes(reduction)
    ? (reduction as Reduction)
    : call.refuse(`a reduction of ${known.join(', ')}`, reduction);
}
