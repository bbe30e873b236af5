import zlib from 'node:zlib';

/** One plane of a PNG: rows of `ceil(width * depth / 8)` bytes each, samples packed from the highest bit on. */
export interface PackedPlane {
  data: Uint8Array;
  width: number;
  height: number;
  /** Bits per pixel: 1, 2, 4 or 8. */
  depth: number;
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** The seven passes of Adam7: the first column and row of each, and the steps to its next. */
const PASSES: readonly (readonly [x: number, y: number, right: number, down: number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

const GRAY = 0;
const INDEXED = 3;
/** Bytes that deflate can make of one. */
const MOST_INFLATED = 1032;
/** Chunks without which there are no pixels; all that is ancillary leaves these as they are, and any other is left to fast-png. */
const CRITICAL = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND']);

/**
 * The stored samples of an ordinary label map: gray or palette, up to 8 bits, whole. Node's zlib inflates it several times as fast as
 * fast-png, which does it in JavaScript and reads no interlaced one of less than 8 bits.
 *
 * @returns undefined for any other file, damaged ones included: fast-png reads it, or says what is wrong
 * @source PNG Specification, Third Edition, sections 5 and 9
 */
export function decodePlane(bytes: Uint8Array): PackedPlane | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks = readChunks(file);
  const header = chunks?.[0];
  if (!chunks || header?.type !== 'IHDR' || header.data.length !== 13) return undefined;
  const [width, height] = [header.data.readUInt32BE(0), header.data.readUInt32BE(4)];
  const [depth, color, compression, filter, interlace] = header.data.subarray(8);
  if (depth !== 1 && depth !== 2 && depth !== 4 && depth !== 8) return undefined;
  if (width === 0 || height === 0 || compression !== 0 || filter !== 0 || interlace! > 1) return undefined;
  if (color !== GRAY && !(color === INDEXED && chunks.some(({ type }) => type === 'PLTE'))) return undefined;
  const parts = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const packed = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  if (interlace === 1) return decodeInterlaced(packed, { width, height, depth });
  const stride = Math.ceil((width * depth) / 8);
  const rows = inflate(packed, (stride + 1) * height);
  const data = rows && unfilter(rows, stride, height);
  return data && { data, width, height, depth };
}

/** The passes of an interlaced picture, each a picture of its own, put together: one byte per pixel. */
function decodeInterlaced(packed: Buffer, header: Omit<PackedPlane, 'data'>): PackedPlane | undefined {
  const { width, height, depth } = header;
  const passes = PASSES.map(([x, y, right, down]) => {
    const [wide, high] = [Math.ceil((width - x) / right), Math.ceil((height - y) / down)];
    // A pass without pixels has no rows either, and so no bytes that name their filters.
    return { x, y, right, down, wide, high: wide > 0 ? Math.max(0, high) : 0, stride: Math.ceil((wide * depth) / 8) };
  });
  const rows = inflate(
    packed,
    passes.reduce((sum, { stride, high }) => sum + (high > 0 ? (stride + 1) * high : 0), 0),
  );
  if (!rows) return undefined;
  const data = new Uint8Array(width * height);
  let from = 0;
  for (const { x, y, right, down, wide, high, stride } of passes) {
    if (high === 0) continue;
    const part = unfilter(rows.subarray(from, (from += (stride + 1) * high)), stride, high);
    if (!part) return undefined;
    const samples = unpackBits({ data: part, width: wide, height: high, depth });
    for (let row = 0, i = 0; row < high; row++)
      for (let column = 0; column < wide; column++) data[(y + row * down) * width + x + column * right] = samples[i++]!;
  }
  return { data, width, height, depth: 8 };
}

/** One byte per pixel; the same array where it is that already. */
export function unpackBits({ data: packed, width, height, depth }: PackedPlane): Uint8Array {
  if (depth === 8) return packed;
  const stride = Math.ceil((width * depth) / 8);
  const mask = (1 << depth) - 1;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      data[y * width + x] = (packed[y * stride + (bit >> 3)]! >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return data;
}

interface Chunk {
  type: string;
  data: Buffer;
}

/** undefined unless the file consists of whole chunks that are known or ancillary, with the right checksums. */
function readChunks(file: Buffer): Chunk[] | undefined {
  // Node before 20.15 has no such function.
  const { crc32 } = zlib as { crc32?: typeof zlib.crc32 };
  if (!crc32 || !file.subarray(0, 8).equals(SIGNATURE)) return undefined;
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= file.length;) {
    const end = at + 8 + file.readUInt32BE(at);
    if (end + 4 > file.length || crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end)) return undefined;
    const type = file.toString('latin1', at + 4, at + 8);
    const isAncillary = (file[at + 4]! & 0x20) !== 0;
    if (!isAncillary && !CRITICAL.has(type)) return undefined;
    chunks.push({ type, data: file.subarray(at + 8, end) });
    at = end + 4;
    // What follows is not of the picture, as every reader has it.
    if (type === 'IEND') return chunks;
  }
  return undefined;
}

/** undefined unless it is exactly `length` bytes. */
function inflate(packed: Buffer, length: number): Buffer | undefined {
  // A header that promises more than deflate can hold is wrong: no memory for it.
  if (length > MOST_INFLATED * packed.length) return undefined;
  try {
    // One byte more than is needed: a chunk that is full would be asked for another.
    const rows = zlib.inflateSync(packed, { chunkSize: Math.max(64, length + 1), maxOutputLength: length });
    return rows.length === length ? rows : undefined;
  } catch {
    return undefined;
  }
}

/** Undoes the filter that each row names in its first byte; undefined for one that does not exist. */
function unfilter(rows: Uint8Array, stride: number, height: number): Uint8Array | undefined {
  const data = new Uint8Array(stride * height);
  let above: Uint8Array = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const from = y * (stride + 1);
    const row = data.subarray(y * stride, (y + 1) * stride);
    row.set(rows.subarray(from + 1, from + 1 + stride));
    const undo = FILTERS[rows[from]!];
    if (!undo) return undefined;
    undo(row, above);
    above = row;
  }
  return data;
}

/** None, Sub, Up, Average, Paeth, in place, for pixels of at most one byte. */
const FILTERS: readonly ((row: Uint8Array, above: Uint8Array) => void)[] = [
  () => {},
  (row) => {
    for (let x = 1; x < row.length; x++) row[x]! += row[x - 1]!;
  },
  (row, above) => {
    for (let x = 0; x < row.length; x++) row[x]! += above[x]!;
  },
  (row, above) => {
    for (let x = 0, left = 0; x < row.length; x++) {
      row[x]! += (left + above[x]!) >> 1;
      left = row[x]!;
    }
  },
  (row, above) => {
    for (let x = 0, left = 0, corner = 0; x < row.length; x++) {
      const up = above[x]!;
      // Areas of one class are most of a label map: there the first comparison decides.
      const nearest = up === corner ? left : left === corner ? up : paeth(left, up, corner);
      left = (row[x]! + nearest) & 255;
      row[x] = left;
      corner = up;
    }
  },
];

/** The neighbour nearest to `left + up - corner`. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
