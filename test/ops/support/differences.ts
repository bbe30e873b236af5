/**
 * The gradient of a scalar function by central differences, in double precision.
 *
 * @param at where; put back as it was
 */
export function centralDifferences(f: (at: Float64Array) => number, at: Float64Array, step = 1e-6): Float64Array {
  return at.map((value, i) => {
    at[i] = value + step;
    const above = f(at);
    at[i] = value - step;
    const below = f(at);
    at[i] = value;
    return (above - below) / (2 * step);
  });
}

/** Reproducible numbers in -1..1 that single precision holds exactly. */
export function sample(length: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return Math.fround((state / 2147483647) * 2 - 1);
  });
}
