import { nms } from '../../../detect/index.js';
import { Value } from '../value.js';
import type { Family } from './op.js';

/**
 * Places that the values decide: how many there are is known only when they are read, which a graph that is being compiled cannot. So they end a
 * network; what is learned from and compared lies in front of them.
 */
export const detections: Family = {
  NonZero: (call, x) => {
    const value = call.need(x, 'X');
    const found = Array.from(value.data().keys()).filter((i) => value.data()[i] !== 0);
    let inside = value.size;
    const rows = value.shape.map((side) => {
      inside /= side;
      const step = inside;
      return found.map((i) => Math.floor(i / step) % side);
    });
    return Value.ofNumbers(rows.flat(), 'int64', [value.rank, found.length]);
  },
  NonMaxSuppression: (call, boxes, scores, most, overlap, least) => {
    const [places, sure] = [call.need(boxes, 'boxes'), call.need(scores, 'scores')];
    const [batch, count] = places.shape as [number, number];
    const [images, classes, of] = sure.shape as [number, number, number];
    if (places.rank !== 3 || sure.rank !== 3 || places.shape[2] !== 4 || images !== batch || of !== count)
      call.refuse('boxes [batch, n, 4] and scores [batch, classes, n]', `[${places.shape}] and [${sure.shape}]`);
    const options = { threshold: overlap?.data()[0] ?? 0, most: most?.data()[0] ?? 0 };
    const bound = least?.data()[0] ?? -Infinity;
    const rows: number[] = [];
    for (let image = 0; image < batch; image++) {
      const corners = cornersOf(places.data().subarray(4 * count * image), count, call.flag('center_point_box'));
      for (let id = 0; id < classes; id++) {
        const own = sure.data().subarray(count * (classes * image + id), count * (classes * image + id + 1));
        const kept = Array.from(own.keys()).filter((i) => own[i]! > bound);
        const chosen = Float32Array.from(kept.flatMap((i) => [...corners.subarray(4 * i, 4 * i + 4)]));
        const best = nms(chosen, kept.map((i) => own[i]!), options); // prettier-ignore
        for (const i of best) rows.push(image, id, kept[i]!);
      }
    }
    return Value.ofNumbers(rows, 'int64', [rows.length / 3, 3]);
  },
};

/** Corners in order, of ones in any order or of centres and sides. */
function cornersOf(values: ArrayLike<number>, count: number, isCentred: boolean): Float32Array {
  const corners = new Float32Array(4 * count);
  for (let i = 0; i < 4 * count; i += 4)
    for (const axis of [0, 1]) {
      const [a, b] = [values[i + axis]!, values[i + axis + 2]!];
      corners[i + axis] = isCentred ? a - b / 2 : Math.min(a, b);
      corners[i + axis + 2] = isCentred ? a + b / 2 : Math.max(a, b);
    }
  return corners;
}
