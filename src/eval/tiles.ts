import { fail } from '../common/errors.js';

/** How a picture that is too large for one run of the network is cut. */
export interface Tiling {
  /** Most pixels of a tile's sides. */
  height: number;
  width: number;
  /** Pixels that two neighbours share at least. Default: a quarter of the smaller side and at most {@link OVERLAP}. */
  overlap?: number;
}

interface Size {
  height: number;
  width: number;
}

/** A tile along one axis. */
export interface Span {
  /** First pixel, a multiple of the network's stride, so that the tile's grid is the whole picture's. */
  start: number;
  /** Pixels, a multiple of the stride; the last tile may reach beyond the picture, into what it is padded with. */
  length: number;
  /** Pixels of the answer that it has a say in: from `from` up to `to`. */
  from: number;
  to: number;
  /** Its share of each of them; those of all tiles add up to 1. */
  shares: Float32Array;
}

/**
 * Most pixels that go through the network in one run unless a tiling is given: frames of 1024x2048, as Cityscapes has, and of full HD go
 * whole. docs/large-pictures.md has what a run of that size takes.
 */
export const WHOLE_PIXELS = 2 ** 21;

/** Default of the pixels that neighbours share: docs/large-pictures.md has what less and more of it changes. */
export const OVERLAP = 256;

/** Smallest side of a tile of those that are chosen by themselves. */
const LEAST_SIDE = 768;

/** Part of an overlap, at the rim of either tile, in which a tile has no say: there it sees the least of what lies around. */
const SILENT = 1 / 4;

/**
 * The tiles of a picture along both axes.
 *
 * @param size of the picture
 * @param answer its size; the picture's own unless labels are larger
 * @param stride of the network
 * @param tile at most; or pixels of a tile, whose sides are then chosen so that they cover the picture with the least work
 * @returns one span for each axis where the picture is no larger than a tile
 */
export function planTiles(
  size: Size,
  answer: Size,
  stride: number,
  tile: Tiling | number = WHOLE_PIXELS,
): { rows: Span[]; columns: Span[] } {
  const { height, width, overlap } =
    typeof tile === 'object' ? { ...tile, overlap: checkTiling(tile, stride) } : chooseTiling(size, stride, tile);
  return {
    rows: spansOf(size.height, answer.height, { tile: height, overlap, stride }),
    columns: spansOf(size.width, answer.width, { tile: width, overlap, stride }),
  };
}

/** Pixels that tiles share, a multiple of the stride. @throws E_USAGE */
export function checkTiling({ height, width, overlap }: Tiling, stride: number): number {
  const least = Math.min(height, width);
  const isWhole = [height, width, overlap ?? 0].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!isWhole || least < 4 * stride) {
    fail('E_USAGE', {
      where: 'tile',
      expected: `sides of ${4 * stride} pixels or more`,
      got: `${height}x${width}`,
      todo: 'The larger the tiles, the more of its surroundings a pixel sees: several hundred pixels are a beginning.',
    });
  }
  const shared = overlap ?? Math.min(OVERLAP, Math.floor(least / 4));
  if (2 * shared > least) {
    fail('E_USAGE', {
      where: 'tile',
      expected: `an overlap of at most half of the smaller side, ${Math.floor(least / 2)} pixels`,
      got: `${shared} with tiles of ${height}x${width}`,
    });
  }
  return Math.floor(shared / stride) * stride;
}

/** Tiles that cover a picture with the least work. */
function chooseTiling({ height, width }: Size, stride: number, pixels: number): Required<Tiling> {
  const square = Math.sqrt(pixels);
  const overlap = Math.floor(Math.min(OVERLAP, square / 4) / stride) * stride;
  const leastSide = Math.min(LEAST_SIDE, square / 2);
  const side = (length: number, count: number): number =>
    Math.ceil((length + (count - 1) * overlap) / count / stride) * stride;
  const most = (length: number): number => Math.max(1, Math.ceil(length / (leastSide - overlap)));
  let best = { height: side(height, 1), width: side(width, 1), overlap };
  let least = Infinity;
  for (let rows = 1; rows <= most(height); rows++) {
    // The fewest columns that fit: more of them are more work.
    for (let columns = 1; columns <= most(width); columns++) {
      const tile = { height: side(height, rows), width: side(width, columns) };
      const work = rows * columns * tile.height * tile.width;
      if (tile.height * tile.width > pixels) continue;
      if (work < least) [best, least] = [{ ...tile, overlap }, work];
      break;
    }
  }
  return best;
}

interface Cut {
  tile: number;
  overlap: number;
  stride: number;
}

function spansOf(length: number, answer: number, { tile, overlap, stride }: Cut): Span[] {
  const padded = Math.ceil(length / stride) * stride;
  const most = Math.floor(tile / stride) * stride;
  const count = padded <= most ? 1 : Math.ceil((padded - overlap) / (most - overlap));
  // All as large as the picture needs, and evenly placed, so that one graph serves them and none overlaps more than it has to.
  const side = Math.ceil((padded + (count - 1) * overlap) / count / stride) * stride;
  const room = (padded - side) / stride;
  const starts = Array.from({ length: count }, (_, i) => (i && Math.floor((i * room) / (count - 1))) * stride);
  const scale = answer / length;
  const spans = starts.map((start, i) => {
    const from = i === 0 ? 0 : Math.ceil(start * scale - 0.5);
    const to = i === count - 1 ? answer : Math.min(answer, Math.ceil((start + side) * scale - 0.5));
    return { start, length: side, from, to, shares: new Float32Array(to - from) };
  });
  share(spans, scale, overlap);
  return spans;
}

/** Fills in the shares: nothing at a tile's rim where another one goes on, rising towards its middle. */
function share(spans: Span[], scale: number, overlap: number): void {
  const [silent, rising] = [SILENT * overlap, (1 - 2 * SILENT) * overlap];
  const last = spans.length - 1;
  const sums = new Float64Array(spans[last]!.to);
  const raw = spans.map(({ start, length, from, to }, i) =>
    Float64Array.from({ length: to - from }, (_, k) => {
      const place = (from + k + 0.5) / scale;
      const depth = Math.min(i === 0 ? Infinity : place - start, i === last ? Infinity : start + length - place);
      // Half of the overlap is within reach of both tiles, so that somebody has a say everywhere.
      const value = Math.min(1, Math.max(0, (depth - silent) / Math.max(1, rising)));
      sums[from + k]! += value;
      return value;
    }),
  );
  spans.forEach(({ from, shares }, i) => raw[i]!.forEach((value, k) => (shares[k] = value / sums[from + k]!)));
}
