/** A box that is like no object. */
export const BACKGROUND = -1;

/** A box that is neither like an object nor unlike all: it teaches nothing. */
export const BETWEEN = -2;

/** How alike a box and an object have to be. */
export interface MatchOptions {
  /** From this overlap on a box stands for the object. */
  high: number;
  /** Below this overlap it is background. */
  low: number;
  /** Each object also takes the boxes that overlap it most, however little that is. Default: false. */
  lowQuality?: boolean;
}

/**
 * Which object each box stands for: the one that it overlaps most, of equal ones the first.
 *
 * With `lowQuality` a box that is some object's best gets its *own* best object back, which may be another one. An object that no box
 * overlaps has all boxes as its best.
 *
 * @param overlaps `[objects, boxes]`
 * @returns `[boxes]`: index of the object, {@link BACKGROUND} or {@link BETWEEN}; all background where there is no object
 * @source torchvision's `Matcher`
 */
export function matchBoxes(
  overlaps: ArrayLike<number>,
  objects: number,
  boxes: number,
  options: MatchOptions,
): Int32Array {
  const { high, low, lowQuality = false } = options;
  const best = new Float64Array(boxes);
  const own = new Int32Array(boxes);
  for (let object = 0, at = 0; object < objects; object++) {
    for (let box = 0; box < boxes; box++, at++) {
      if (object > 0 && !(overlaps[at]! > best[box]!)) continue;
      best[box] = overlaps[at]!;
      own[box] = object;
    }
  }
  const matches = own.map((object, box) => {
    if (objects === 0 || best[box]! < low) return BACKGROUND;
    return best[box]! < high ? BETWEEN : object;
  });
  if (!lowQuality) return matches;
  for (let object = 0; object < objects; object++) {
    let most = -Infinity;
    const first = object * boxes;
    for (let box = 0; box < boxes; box++) most = Math.max(most, overlaps[first + box]!);
    for (let box = 0; box < boxes; box++) if (overlaps[first + box] === most) matches[box] = own[box]!;
  }
  return matches;
}
