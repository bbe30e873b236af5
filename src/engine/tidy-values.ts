import tf from '../common/tf.cjs';

/**
 * `tf.tidy` for a function that returns numbers, not tensors. `tf.tidy` looks for tensors in whatever it is given back, one by one in a
 * typed array too: 25 ms for the class ids of a frame of 360x480.
 */
export function tidyValues<T>(run: () => T): T {
  let values: T;
  tf.tidy(() => {
    values = run();
  });
  return values!;
}
