import { fail } from '../../common/errors.js';
import type { Size } from '../../image/resize.js';
import { Collector } from './collect.js';
import type { Head } from './head.js';

/** Pixels of the input from cell to cell of each of its grids. */
const STRIDES = [8, 16, 32];
/** Numbers in front of those of classes: centre, width, height, and whether there is anything. */
const BOX = 5;

/**
 * YOLOX as it is exported without its decoder: for each cell of three grids how far the box's centre lies from the cell, in cells, the logarithms of
 * width and height in cells, the probability that there is something, and one for each class.
 *
 * @source YOLOX, `utils/demo_utils.py`: `demo_postprocess`, whose score and overlap these are
 */
export const yolox: Head = {
  shape: '[1, cells, 5 + classes]',
  score: 0.1,
  overlap: 0.45,
  needsSize: true,
  classesIn: ([batch, cells, columns, ...rest]) =>
    batch === 1 && rest.length === 0 && columns! > BOX && cells! > 0 ? columns! - BOX : undefined,
  read({ shape, data }, least, size) {
    const [, cells, columns] = shape as [number, number, number];
    const found = new Collector();
    let at = 0;
    for (const { x: column, y: row, stride } of cellsOf(size!, cells)) {
      let best = BOX;
      for (let id = BOX + 1; id < columns; id++) if (data[at + id]! > data[at + best]!) best = id;
      const score = data[at + 4]! * data[at + best]!;
      if (score >= least) {
        const [x, y] = [(data[at]! + column) * stride, (data[at + 1]! + row) * stride];
        found.add(x, y, Math.exp(data[at + 2]!) * stride, Math.exp(data[at + 3]!) * stride, score, best - BOX);
      }
      at += columns;
    }
    return found.finish();
  },
};

/** The cells of all grids, row by row. @throws E_SHAPE where they are not as many */
function cellsOf({ width, height }: Size, count: number): { x: number; y: number; stride: number }[] {
  const cells = STRIDES.flatMap((stride) => {
    const [wide, tall] = [Math.floor(width / stride), Math.floor(height / stride)];
    return Array.from({ length: wide * tall }, (_, i) => ({ x: i % wide, y: Math.floor(i / wide), stride }));
  });
  if (cells.length === count) return cells;
  return fail('E_SHAPE', {
    where: 'yolox',
    expected: `${cells.length} cells, as an input of ${width}x${height} has in grids of ${STRIDES.join(', ')} pixels`,
    got: String(count),
  });
}
