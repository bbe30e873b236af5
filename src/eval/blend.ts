import type { Dense } from '../tasks/task.js';
import type { Span } from './tiles.js';

/** Logits of one tile, `[rows.length, columns.length, classes]`. */
export type TileLogits = Float32Array;

/**
 * Averages the logits of overlapping tiles, each by its share, and answers pixels as soon as the last tile that has a say was added. Only what is
 * shared with tiles to come is kept: a strip across the picture, so memory does not grow with the picture's area times its classes.
 *
 * Tiles come in bands, along the picture's longer side, so that the strip is as short as can be; {@link order} says in which order.
 *
 * @source mmsegmentation's `slide_inference` averages with equal shares
 */
export class LogitBlender {
  /** The answer, row by row. */
  readonly values: Uint8Array | Float32Array;
  /** Tiles in the order in which they have to be added. */
  readonly order: { row: Span; column: Span }[];
  /** Sums of logits that wait for the next band, and for the next tile of this one. */
  private below = new Strip(0, 0, 0, 0, 0);
  private beside = new Strip(0, 0, 0, 0, 0);
  /** What the band before left. */
  private above = new Strip(0, 0, 0, 0, 0);
  private added = 0;
  private readonly isTall: boolean;

  /**
   * @param rows tiles along the height, and
   * @param columns along the width, as `planTiles` makes them
   * @param size of the picture, beyond which a tile may reach
   * @param classes logits of a pixel
   * @param dense what becomes of them
   */
  constructor(
    private readonly rows: Span[],
    private readonly columns: Span[],
    private readonly size: { height: number; width: number },
    private readonly classes: number,
    private readonly dense: Pick<Dense, 'room' | 'choose'>,
  ) {
    const [height, width] = [rows[rows.length - 1]!.to, columns[columns.length - 1]!.to];
    this.values = dense.room(height * width);
    this.isTall = height >= width;
    this.order = this.isTall
      ? rows.flatMap((row) => columns.map((column) => ({ row, column })))
      : columns.flatMap((column) => rows.map((row) => ({ row, column })));
  }

  /** Adds the next tile of {@link order}; its logits are not kept. */
  add(logits: TileLogits): void {
    const { row, column } = this.order[this.added++]!;
    const [bands, places] = this.isTall ? [this.rows, this.columns] : [this.columns, this.rows];
    const [band, place] = this.isTall ? [row, column] : [column, row];
    const nextBand = bands[bands.indexOf(band) + 1];
    const nextPlace = places[places.indexOf(place) + 1];
    const across = places[places.length - 1]!.to;
    if (place === places[0]) {
      this.above = this.below;
      this.below = this.strip(nextBand?.from ?? band.to, band.to, 0, across);
      this.below.take(this.above);
      this.beside = this.strip(0, 0, 0, 0);
    }
    const before = this.beside;
    this.beside = this.strip(band.from, this.below.first, nextPlace?.from ?? place.to, place.to);
    this.beside.take(before);
    this.spread(logits, row, column, before);
  }

  /** Every value to where it belongs: the strips that wait, or, with what waited for it, the pixel's answer. */
  private spread(logits: TileLogits, row: Span, column: Span, before: Strip): void {
    const { above, below, beside, classes, values: answer, isTall, dense } = this;
    const width = this.columns[this.columns.length - 1]!.to;
    const line = this.lines(logits, row, column);
    const sum = new Float32Array(classes);
    for (let y = row.from; y < row.to; y++) {
      const values = line(y);
      const shareOfRow = row.shares[y - row.from]!;
      for (let x = column.from, at = 0; x < column.to; x++, at += classes) {
        const share = shareOfRow * column.shares[x - column.from]!;
        const [a, b] = isTall ? [y, x] : [x, y];
        if (a >= below.first) {
          below.add(a, b, values, at, share);
        } else if (b >= beside.left) {
          beside.add(a, b, values, at, share);
        } else {
          for (let c = 0; c < classes; c++) sum[c] = share * values[at + c]!;
          if (a < above.last) above.addTo(sum, a, b);
          if (b < before.right) before.addTo(sum, a, b);
          answer[y * width + x] = dense.choose(sum);
        }
      }
    }
  }

  /** Reads a tile's logits by the answer's rows: as they are, or brought to the answer's size bilinearly. */
  private lines(logits: TileLogits, row: Span, column: Span): (y: number) => Float32Array {
    const { classes, size, rows, columns } = this;
    const [height, width] = [rows[rows.length - 1]!.to, columns[columns.length - 1]!.to];
    const length = column.length * classes;
    if (height === size.height && width === size.width)
      return (y) => logits.subarray((y - row.start) * length, (y - row.start + 1) * length);
    const down = taps(row, size.height, height);
    const along = taps(column, size.width, width);
    const line = new Float32Array((column.to - column.from) * classes);
    return (y) => {
      const [top, bottom] = [down.low[y - row.from]! * length, down.high[y - row.from]! * length];
      const drop = down.share[y - row.from]!;
      for (let i = 0, at = 0; i < column.to - column.from; i++) {
        const [left, right, shift] = [along.low[i]! * classes, along.high[i]! * classes, along.share[i]!];
        for (let c = 0; c < classes; c++) {
          const upper = logits[top + left + c]! + (logits[top + right + c]! - logits[top + left + c]!) * shift;
          const lower = logits[bottom + left + c]! + (logits[bottom + right + c]! - logits[bottom + left + c]!) * shift;
          line[at++] = upper + (lower - upper) * drop;
        }
      }
      return line;
    };
  }

  private strip(first: number, last: number, left: number, right: number): Strip {
    return new Strip(first, last, left, right, this.classes);
  }
}

/** Sums of logits of a part of the answer: `first..last` along the bands' axis, `left..right` across it. */
class Strip {
  private readonly sums: Float32Array;

  constructor(
    readonly first: number,
    readonly last: number,
    readonly left: number,
    readonly right: number,
    private readonly classes: number,
  ) {
    this.sums = new Float32Array(Math.max(0, last - first) * Math.max(0, right - left) * classes);
  }

  /** Takes over what another one has of this one's part. */
  take(other: Strip): void {
    const [left, right] = [Math.max(this.left, other.left), Math.min(this.right, other.right)];
    for (let a = Math.max(this.first, other.first); a < Math.min(this.last, other.last) && left < right; a++)
      this.sums.set(other.sums.subarray(other.at(a, left), other.at(a, right)), this.at(a, left));
  }

  add(a: number, b: number, values: Float32Array, at: number, share: number): void {
    const { sums, classes } = this;
    const to = this.at(a, b);
    for (let c = 0; c < classes; c++) sums[to + c]! += share * values[at + c]!;
  }

  addTo(sum: Float32Array, a: number, b: number): void {
    const from = this.at(a, b);
    for (let c = 0; c < this.classes; c++) sum[c]! += this.sums[from + c]!;
  }

  private at(a: number, b: number): number {
    return ((a - this.first) * (this.right - this.left) + b - this.left) * this.classes;
  }
}

/** The two positions in a tile that each of its pixels of the answer lies between, and how near to the second. */
function taps(span: Span, length: number, answer: number): { low: Int32Array; high: Int32Array; share: Float32Array } {
  const count = span.to - span.from;
  const [low, high, share] = [new Int32Array(count), new Int32Array(count), new Float32Array(count)];
  // What a picture is padded with is not part of it.
  const last = Math.min(span.length, length - span.start) - 1;
  for (let k = 0; k < count; k++) {
    const place = ((span.from + k + 0.5) * length) / answer - 0.5 - span.start;
    low[k] = Math.min(last, Math.max(0, Math.floor(place)));
    high[k] = Math.min(last, Math.max(0, Math.ceil(place)));
    share[k] = place - Math.floor(place);
  }
  return { low, high, share };
}
