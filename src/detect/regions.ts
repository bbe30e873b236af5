import type { Point } from './hull.js';

/** Pixels that hang together by sides or corners. */
export interface Region {
  /** The outermost pixels of each row: enough for the region's hull. */
  ends: Point[];
}

/** The regions of a mask, row by row from the top. */
export function regionsOf(mask: Uint8Array, width: number, height: number): Region[] {
  const seen = new Uint8Array(mask.length);
  const regions: Region[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] && !seen[start]) regions.push({ ends: endsFrom(start, mask, seen, width, height) });
  }
  return regions;
}

/** Floods the region of a pixel. */
function endsFrom(start: number, mask: Uint8Array, seen: Uint8Array, width: number, height: number): Point[] {
  const rows = new Map<number, [left: number, right: number]>();
  const open = [start];
  seen[start] = 1;
  while (open.length > 0) {
    const at = open.pop()!;
    const [x, y] = [at % width, Math.floor(at / width)];
    const row = rows.get(y);
    if (!row) rows.set(y, [x, x]);
    else if (x < row[0]) row[0] = x;
    else if (x > row[1]) row[1] = x;
    for (let other = Math.max(y - 1, 0); other <= Math.min(y + 1, height - 1); other++) {
      for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
        const next = other * width + column;
        if (!mask[next] || seen[next]) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
  }
  return [...rows].flatMap(([y, [left, right]]): Point[] => (left === right ? [[left, y]] : [[left, y], [right, y]])); // prettier-ignore
}
