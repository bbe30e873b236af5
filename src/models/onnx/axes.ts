/** Orders of axes: place `i` of a tensor in memory holds axis `axes[i]` of the value. */
export type Axes = readonly number[];

/** `[0, 1, ...]`: the value's own order. */
export function inOrder(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** `[0, 2, ..., 1]`: channels, which are ONNX's axis 1, come last. */
export function channelsLast(rank: number): number[] {
  return rank < 3 ? inOrder(rank) : [0, ...inOrder(rank).slice(2), 1];
}

export function equalAxes(a: Axes, b: Axes): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** Whether two orders of one value lie in memory alike: they differ by axes of size 1 alone. */
export function alike(shape: readonly number[], a: Axes, b: Axes): boolean {
  const long = (axes: Axes): number[] => axes.filter((axis) => shape[axis] !== 1);
  return equalAxes(long(a), long(b));
}

/** Axis counted from the end where negative. */
export function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * The order in which a value lies after it is reshaped where it is, without a copy; undefined where its axes would have to be sorted first.
 * Both shapes fall into runs of axes with equal products. Each run has to lie together and in order, and then the runs stay where they are:
 * `[n, c, h, w]` with its channels last becomes `[n, c, h * w]` with its channels last.
 */
export function reshapedAxes(from: readonly number[], axes: Axes, to: readonly number[]): number[] | undefined {
  const runs = commonRuns(from, to);
  if (!runs) return undefined;
  const result: number[] = [];
  const taken = new Set<number>();
  // Axes of size 1 lie anywhere.
  const long = axes.filter((axis) => from[axis] !== 1);
  for (let i = 0; i < long.length;) {
    const run = runs.find(({ from: [first, end] }) => long[i]! >= first && long[i]! < end)!;
    const members = inOrder(from.length)
      .slice(...run.from)
      .filter((axis) => from[axis] !== 1);
    if (!members.every((axis, k) => long[i + k] === axis)) return undefined;
    for (let axis = run.to[0]; axis < run.to[1]; axis++) taken.add(result[result.push(axis) - 1]!);
    i += members.length;
  }
  return [...inOrder(to.length).filter((axis) => !taken.has(axis)), ...result];
}

/** Shortest runs of axes of two shapes with equal products, in order. Undefined for empty tensors. */
function commonRuns(
  a: readonly number[],
  b: readonly number[],
): { from: [number, number]; to: [number, number] }[] | undefined {
  const runs: { from: [number, number]; to: [number, number] }[] = [];
  if (a.includes(0) || b.includes(0)) return undefined;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [i0, j0] = [i, j];
    let x = i < a.length ? a[i++]! : 1;
    let y = j < b.length ? b[j++]! : 1;
    while (x !== y) {
      if (x < y) {
        if (i === a.length) return undefined;
        x *= a[i++]!;
      } else {
        if (j === b.length) return undefined;
        y *= b[j++]!;
      }
    }
    runs.push({ from: [i0, i], to: [j0, j] });
  }
  return runs;
}
