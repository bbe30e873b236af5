/** A point x, y. */
export type Point = readonly [x: number, y: number];

/**
 * The convex hull of points.
 *
 * @returns its corners, clockwise on the screen, without those that lie on a side; one or two where the points are one or lie on a line
 * @source Andrew, Another efficient algorithm for convex hulls in two dimensions (1979)
 */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const upper = chain(sorted);
  const lower = chain(sorted.reverse());
  const hull = [...upper.slice(0, -1), ...lower.slice(0, -1)];
  return hull.length > 0 ? hull : sorted.slice(0, 1);
}

/** The side of the hull that turns right all the way. */
function chain(sorted: readonly Point[]): Point[] {
  const side: Point[] = [];
  for (const point of sorted) {
    while (side.length > 1 && turn(side.at(-2)!, side.at(-1)!, point) <= 0) side.pop();
    const last = side.at(-1);
    if (last?.[0] !== point[0] || last[1] !== point[1]) side.push(point);
  }
  return side;
}

/** Twice the area of a triangle: positive where its corners run clockwise on the screen. */
function turn([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

/** A rectangle that may be turned. */
export interface TurnedRectangle {
  center: Point;
  /** Of the unit length: the way along the side of `width`. */
  along: Point;
  width: number;
  height: number;
}

/**
 * The rectangle of the least area around points.
 *
 * @param points one at least
 * @source Freeman and Shapira, Determining the minimum-area encasing rectangle (1975): one side lies along a side of the hull
 */
export function leastRectangle(points: readonly Point[]): TurnedRectangle {
  const hull = convexHull(points);
  let best: TurnedRectangle | undefined;
  for (let i = 0; i < hull.length; i++) {
    const [[ax, ay], [bx, by]] = [hull[i]!, hull[(i + 1) % hull.length]!];
    const length = Math.hypot(bx - ax, by - ay) || 1;
    const along: Point = hull.length === 1 ? [1, 0] : [(bx - ax) / length, (by - ay) / length];
    const rectangle = around(hull, along);
    if (!best || rectangle.width * rectangle.height < best.width * best.height) best = rectangle;
  }
  return best!;
}

function around(points: readonly Point[], along: Point): TurnedRectangle {
  const [x, y] = along;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [px, py] of points) {
    const [u, v] = [px * x + py * y, py * x - px * y];
    [left, right, top, bottom] = [Math.min(left, u), Math.max(right, u), Math.min(top, v), Math.max(bottom, v)];
  }
  const [u, v] = [(left + right) / 2, (top + bottom) / 2];
  return { center: [u * x - v * y, u * y + v * x], along, width: right - left, height: bottom - top };
}

/** The corners of a rectangle, clockwise on the screen; the first is the one at the left end of its upper side. */
export function cornersOf({
  center: [x, y],
  along: [ax, ay],
  width,
  height,
}: TurnedRectangle): [Point, Point, Point, Point] {
  const [w, h] = [width / 2, height / 2];
  const corners = ([[-w, -h], [w, -h], [w, h], [-w, h]] as const).map(([u, v]): Point => [x + u * ax - v * ay, y + u * ay + v * ax]); // prettier-ignore
  // Of the two leftmost corners the upper one, as readers of text expect it.
  const [one, two] = [0, 1, 2, 3].sort((a, b) => corners[a]![0] - corners[b]![0] || corners[a]![1] - corners[b]![1]);
  const first = corners[one!]![1] <= corners[two!]![1] ? one! : two!;
  return [0, 1, 2, 3].map((i) => corners[(first + i) % 4]!) as [Point, Point, Point, Point];
}
