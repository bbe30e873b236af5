import tf from '../../../common/tf.cjs';
import { matMul } from '../../../ops/index.js';
import { inOrder } from '../axes.js';
import { requireSize, Value } from '../value.js';
import type { Call, Family } from './op.js';

/** What every query makes of all values, by how alike their keys are. */
export const attention: Family = {
  Attention: (call, q, k, v, mask, pastKey, pastValue, lengths) => {
    const query = call.need(q, 'Q');
    const queries = inHeads(call, query, 'q_num_heads');
    const keys = withPast(call, inHeads(call, call.need(k, 'K'), 'kv_num_heads'), pastKey);
    const values = withPast(call, inHeads(call, call.need(v, 'V'), 'kv_num_heads'), pastValue);
    const [batch, heads, count, size] = queries.shape as [number, number, number, number];
    const [, groups, seen] = keys.shape as [number, number, number];
    if (keys.shape[0] !== batch || keys.shape[3] !== size || values.shape[2] !== seen || heads % groups !== 0)
      call.refuse('keys and values that fit the queries', `[${queries.shape}], [${keys.shape}] and [${values.shape}]`);
    requireSize([batch, heads, count, seen]);

    const factor = Math.sqrt(call.float('scale') ?? 1 / Math.sqrt(size));
    const likeness = matMul(tf.mul(queries, factor), tf.mul(repeated(keys, heads), factor), false, true);
    const limit = call.float('softcap', 0);
    const capped = limit > 0 ? tf.mul(tf.tanh(tf.div(likeness, limit)), limit) : likeness;
    const hidden = [
      ...(mask ? [masked(call, mask, seen)] : []),
      ...(call.flag('is_causal') ? [future(count, seen, pastKey?.shape[2] ?? 0)] : []),
      ...(lengths ? [beyond(lengths, seen)] : []),
    ];
    const biased = hidden.reduce((sum, bias) => tf.add(sum, bias), capped);
    const shares = tf.softmax(biased);
    const answer = Value.of(query.type, matMul(shares, repeated(values, heads)));
    const shown = [capped, capped, biased, shares][call.int('qk_matmul_output_mode', 0)];
    return [
      query.rank === 4 ? answer : answer.transposed([0, 2, 1, 3]).reshaped([batch, count, heads * values.shape[3]!]),
      ...[keys, values, shown ?? call.refuse('a mode from 0 to 3', 'another')].map((x) => Value.of(query.type, x)),
    ];
  },
};

/** `[batch, heads, length, size]`, also of `[batch, length, heads * size]`. */
function inHeads(call: Call, x: Value, attribute: 'q_num_heads' | 'kv_num_heads'): tf.Tensor {
  if (x.rank === 4) return x.tensor();
  const heads = call.int(attribute, 0);
  if (x.rank !== 3 || !(heads > 0) || x.shape[2]! % heads !== 0)
    call.refuse(`a number of heads as ${attribute}, and as many parts`, `${heads} and [${x.shape}]`);
  const [batch, length, width] = x.shape as [number, number, number];
  return x
    .reshaped([batch, length, heads, width / heads])
    .transposed([0, 2, 1, 3])
    .tensor();
}

/** Behind those of earlier calls. */
function withPast(call: Call, now: tf.Tensor, past: Value | undefined): tf.Tensor {
  if (!past) return now;
  if (past.rank !== 4 || past.shape.some((side, axis) => axis !== 2 && side !== now.shape[axis]))
    call.refuse(`a past that differs from [${now.shape}] along axis 2 alone`, `[${past.shape}]`);
  return tf.concat([past.tensor(), now], 2);
}

/** Each of fewer heads for several queries' heads that follow each other. */
function repeated(x: tf.Tensor, heads: number): tf.Tensor {
  const [batch, groups, length, size] = x.shape as [number, number, number, number];
  if (groups === heads) return x;
  const times = heads / groups;
  return tf.reshape(tf.tile(tf.expandDims(x, 2), [1, 1, times, 1, 1]), [batch, heads, length, size]);
}

/** What is added to the likeness: 0, and minus infinity where a value is hidden; a mask that ends early hides the rest. */
function masked(call: Call, mask: Value, seen: number): tf.Tensor {
  const given = mask.tensor();
  const bias = mask.type === 'bool' ? tf.where(given, 0, -Infinity) : given;
  const missing = seen - bias.shape.at(-1)!;
  if (missing < 0 || bias.rank > 4) call.refuse(`a mask of at most ${seen} values for each query`, `[${mask.shape}]`);
  return tf.pad(bias, inOrder(bias.rank).map((axis) => [0, axis === bias.rank - 1 ? missing : 0] as [number, number]), -Infinity); // prettier-ignore
}

/** Hides from each query what comes behind it. */
function future(count: number, seen: number, past: number): tf.Tensor {
  const bias = Float32Array.from({ length: count * seen }, (_, i) => (i % seen > past + Math.floor(i / seen) ? -Infinity : 0)); // prettier-ignore
  return tf.tensor(bias, [count, seen]);
}

/** Hides what lies behind each picture's own length. */
function beyond(lengths: Value, seen: number): tf.Tensor {
  const places = tf.reshape(tf.range(0, seen, 1, 'int32'), [1, 1, 1, seen]);
  const ends = tf.reshape(tf.cast(lengths.tensor(), 'int32'), [lengths.size, 1, 1, 1]);
  return tf.where(tf.less(places, ends), 0, -Infinity);
}
