import { scatterElements, scatterNd, type Reduction } from '../../../ops/index.js';
import { positive } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { Value } from '../value.js';
import { isFolded } from './elementwise.js';
import type { Call, Family, Op } from './op.js';

/** Values with numbers at some places replaced, or combined with others. */
export const scatter: Family = {
  Scatter: byElement(),
  ScatterElements: byElement(),
  ScatterND: (call, ...inputs) => {
    const [x, indices, updates] = operands(call, inputs);
    if (reductionOf(call) === 'none' && [x, indices, updates].every(isFolded))
      return replaced(call, x, indices, updates);
    const tensor = scatterNd(x.tensor(), indices.tensor(), updates.tensor(), reductionOf(call));
    return Value.of(x.type, tensor);
  },
};

function byElement(): Op {
  return (call, ...inputs) => {
    const [x, indices, updates] = operands(call, inputs);
    const axis = positive(call.int('axis', 0), x.rank);
    const tensor = scatterElements(x.tensor(), indices.tensor(), updates.tensor(), axis, reductionOf(call));
    return Value.of(x.type, tensor);
  };
}

function operands(call: Call, inputs: readonly (Value | undefined)[]): [Value, Value, Value] {
  return ['data', 'indices', 'updates'].map((name, i) => call.need(inputs[i], name)) as [Value, Value, Value];
}

/** Sizes put together piece by piece. */
function replaced(call: Call, x: Value, indices: Value, updates: Value): Value {
  const depth = indices.shape.at(-1) ?? 0;
  const width = sizeOf(x.shape.slice(depth));
  const data = x.data().slice();
  const numbers = indices.numbers();
  for (let row = 0; row * depth < indices.size; row++) {
    const tuple = numbers.slice(row * depth, (row + 1) * depth);
    const at = tuple.reduce(
      (sum, index, axis) => sum + positive(index, x.shape[axis]!) * sizeOf(x.shape.slice(axis + 1)),
      0,
    );
    if (!(at >= 0 && at < x.size)) call.refuse(`places inside of [${x.shape}]`, `[${tuple}]`);
    data.set(updates.data().subarray(row * width, (row + 1) * width), at);
  }
  return Value.ofHost(x.type, x.shape, data);
}

function reductionOf(call: Call): Reduction {
  const reduction = call.text('reduction', 'none');
  const known: readonly string[] = ['none', 'add', 'mul', 'min', 'max'] satisfies Reduction[];
  return known.includes(reduction)
    ? (reduction as Reduction)
    : call.refuse(`a reduction of ${known.join(', ')}`, reduction);
}
