import tf from '../common/tf.cjs';

/** What is taken along one axis: `count` values from `begin` on, in steps of either sign. */
interface Cut {
  begin: number;
  count: number;
  step: number;
}

export interface SliceOptions {
  /** Which axes are cut, negative ones from the last. Default: the first ones, as many as there are starts. */
  axes?: number[];
  /** Not 0; negative ones run backwards. Default: 1 each. */
  steps?: number[];
}

/**
 * Cuts axes as Python does: from `starts` to before `ends`, negative ones counted from the end, all moved into the picture.
 *
 * @param x any rank and type
 * @returns what is left, which may be nothing along an axis; differentiable
 * @source ONNX, Slice
 */
export function stridedSlice(x: tf.Tensor, starts: number[], ends: number[], options: SliceOptions = {}): tf.Tensor {
  const cuts = cutsOf(x.shape, starts, ends, options);
  const shape = cuts.map(({ count }) => count);
  const begin = cuts.map((cut) => cut.begin);
  if (shape.includes(0)) return tf.zeros(shape, x.dtype);
  if (cuts.every(({ step }) => step === 1)) return tf.slice(x, begin, shape);
  if (x.dtype !== 'float32') return tf.tidy(() => cuts.reduce(takeAlong, x));
  const steps = cuts.map(({ step }) => step);
  const behind = cuts.map(({ count, step }, axis) => begin[axis]! + (count - 1) * step + Math.sign(step));
  // -1 would be the last value; the mask says up to the first one.
  const toStart = behind.reduce((mask, end, axis) => (end < 0 ? mask | (1 << axis) : mask), 0);
  return tf.stridedSlice(x, begin, behind, steps, 0, toStart);
}

/** The wasm engine's kernel for steps takes every number for a float. */
function takeAlong(x: tf.Tensor, { begin, count, step }: Cut, axis: number): tf.Tensor {
  if (begin === 0 && step === 1 && count === x.shape[axis]) return x;
  const places = Int32Array.from({ length: count }, (_, i) => begin + i * step);
  return tf.gather(x, tf.tensor1d(places, 'int32'), axis);
}

function cutsOf(shape: number[], starts: number[], ends: number[], { axes, steps }: SliceOptions): Cut[] {
  const cuts = shape.map((count): Cut => ({ begin: 0, count, step: 1 }));
  (axes ?? starts.map((_, axis) => axis)).forEach((stated, i) => {
    const axis = stated < 0 ? stated + shape.length : stated;
    const size = shape[axis]!;
    const step = steps?.[i] ?? 1;
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const place = (at: number): number => Math.min(high, Math.max(low, at < 0 ? at + size : at));
    const begin = place(starts[i]!);
    cuts[axis] = { begin, count: Math.max(0, Math.ceil((place(ends[i]!) - begin) / step)), step };
  });
  return cuts;
}
