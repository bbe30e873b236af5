import * as tf from '@tensorflow/tfjs';
import type { LayerVariable } from '@tensorflow/tfjs-layers/dist/variables.js';

/** Values of some of a network's variables, each sample of a batch having its own. */
export interface Seats {
  /** Samples in the batch, 1 up to the number of seats. Seats beyond are empty. */
  batch: number;
  /** A variable's values in the order of the seats, each of the variable's shape. */
  values: ReadonlyMap<LayerVariable, readonly tf.Tensor[]>;
}

let taken: Seats | undefined;

/**
 * Runs a network with other values of some variables for every sample of the batch. What a graph made of it reads are the values of all
 * seats, empty ones too, so that batches of every length up to theirs can share one.
 *
 * @param run applies a network of this project's own layers; others read their variables as they are
 */
export function withSeats<T>(seats: Seats, run: () => T): T {
  const before = taken;
  taken = seats;
  try {
    return run();
  } finally {
    taken = before;
  }
}

/** Whether a variable has values of its own in the seats of now. */
export function isSeated(variable: LayerVariable): boolean {
  return taken?.values.has(variable) ?? false;
}

/**
 * A per-channel variable, or what is computed of several, as every sample of the batch has it.
 *
 * @param variables each `[channels]`; one without seats counts for every sample
 * @param compute from `[seats, channels]` of each to one result of that shape
 * @returns `[batch, 1, 1, channels]`
 */
export function perChannel(
  variables: readonly LayerVariable[],
  compute: (...stacked: tf.Tensor2D[]) => tf.Tensor2D,
): tf.Tensor4D {
  const { batch, values } = taken!;
  const seats = values.get(variables.find((variable) => values.has(variable))!)!.length;
  return tf.tidy(() => {
    const stacked = variables.map((variable) => {
      const own = values.get(variable) ?? Array<tf.Tensor>(seats).fill(variable.read());
      return tf.stack([...own]) as tf.Tensor2D;
    });
    const all = compute(...stacked); // [seats, channels]
    const channels = all.shape[1];
    return tf.reshape(tf.slice(all, [0, 0], [batch, channels]), [batch, 1, 1, channels]);
  });
}

/**
 * Applies an op to every sample with its own value of a variable.
 *
 * @param x `[batch, height, width, channels]`
 * @param extent smallest height and width that the op takes, unless x has less
 * @param apply the op, from one sample `[1, ...]` and the variable's value
 * @returns the samples' results, `[batch, ...]`
 */
export function perSample(
  x: tf.Tensor4D,
  variable: LayerVariable,
  extent: number,
  apply: (x: tf.Tensor4D, value: tf.Tensor) => tf.Tensor4D,
): tf.Tensor4D {
  const { batch, values } = taken!;
  const [, height, width, channels] = x.shape;
  const corner = [1, Math.min(extent, height), Math.min(extent, width), channels] as const;
  return tf.tidy(() => {
    let shape: [number, number, number] = [0, 0, 0];
    const parts = values.get(variable)!.map((value, seat) => {
      const isTaken = seat < batch;
      // oneDNN gives convolutions of nothing a wrong shape: an empty seat has a corner of the first sample, and no result.
      const own = isTaken
        ? tf.slice(x, [seat, 0, 0, 0], [1, height, width, channels])
        : tf.slice(x, [0, 0, 0, 0], [...corner]);
      const y = apply(own, value);
      const [, tall, wide, filters] = y.shape;
      if (seat === 0) shape = [tall, wide, filters];
      const kept = tf.slice(y, [0, 0, 0, 0], [isTaken ? 1 : 0, tall, wide, filters]);
      return tf.reshape(kept, [isTaken ? 1 : 0, ...shape]);
    });
    return tf.concat(parts, 0) as tf.Tensor4D;
  });
}
