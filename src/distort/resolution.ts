import { fail } from '../common/errors.js';
import { formatSize, parseSize } from './detect/resolution.js';
import type { Size } from '../image/resize.js';
import type { Distortion } from './distortion.js';
import { h264Codecs, h264Picture, h264Sequence } from './h264-pictures.js';

/** Small quantization loss: what is lost is the size. */
const CRF = 18;
const [SMALLEST_SIDE, LARGEST_SIDE] = [2, 16384];
const SMALLEST_FACTOR = 0.01;

/**
 * Another rung of adaptive streaming: scaled down by FFmpeg and compressed to H.264 at CRF 18, each image one intra frame, or whole
 * sequences with a GOP. Needs the optional package node-av.
 *
 * `240x180` is that width and height; `0.5x` half of the picture's own, each to the nearest even number, as H.264's 4:2:0 takes
 * even sizes only. At the picture's own size it is compressed alone.
 *
 * @source Xie and Kim 2020, section 4.3, "Resolution scaling"
 */
export const resolution: Distortion<string> = {
  kind: 'resolution',
  expected: `an even width and height such as 240x180, or a factor from ${SMALLEST_FACTOR}x to 1x`,
  examples: ['1x', '0.75x', '0.5x', '0.25x'],
  axis: { scale: 'log', place: (value) => factorOf(value) ?? parseSize(value)?.width },
  parse(text) {
    const factor = factorOf(text);
    if (factor !== undefined) return factor >= SMALLEST_FACTOR && factor <= 1 ? `${factor}x` : undefined;
    const size = parseSize(text);
    return size && [size.width, size.height].every(isSide) ? formatSize(size) : undefined;
  },
  advice(text) {
    const factor = factorOf(text);
    if (factor !== undefined && factor > 1)
      return 'Use resolution=1x for the original size: pictures are not enlarged.';
    if (factor !== undefined) return `Use resolution=${SMALLEST_FACTOR}x for the smallest pictures.`;
    const size = parseSize(text);
    if (!size)
      return 'Write width and height, for example resolution=240x180, or a factor, for example resolution=0.5x.';
    const near = { width: nearestSide(size.width), height: nearestSide(size.height) };
    return `H.264 takes even sizes from ${SMALLEST_SIDE} to ${LARGEST_SIDE}: use resolution=${formatSize(near)}.`;
  },
  sizeOf(value, size) {
    const factor = factorOf(value);
    if (factor === undefined) return parseSize(value)!;
    return factor === 1 ? size : { width: shrink(size.width, factor), height: shrink(size.height, factor) };
  },
  apply: async (pixels, value, where) => h264Picture(pixels, CRF, smallerSize(value, pixels, where)),
  applySequence: (frames, value, gop, where) =>
    h264Sequence(frames, { crf: CRF, gop, where, sizeOf: (first) => smallerSize(value, first, where) }),
  codecs: (gop) => h264Codecs('resolution', { crf: CRF, scaled: true, gop }),
};

/** @throws E_DISTORT_SIZE if that is larger than the picture */
function smallerSize(value: string, { width, height }: Size, where = 'picture'): Size {
  const size = resolution.sizeOf!(value, { width, height });
  if (size.width <= width && size.height <= height) return size;
  return fail('E_DISTORT_SIZE', {
    where,
    expected: `a picture of at least ${formatSize(size)}, for resolution=${value}`,
    got: `one of ${formatSize({ width, height })}`,
    todo: 'Use a smaller resolution, or a factor such as resolution=0.5x: pictures are not enlarged.',
  });
}

/** `0.5x` -> 0.5 */
function factorOf(text: string): number | undefined {
  return /^(\d+\.?\d*|\.\d+)x$/.test(text) ? Number(text.slice(0, -1)) : undefined;
}

function isSide(side: number): boolean {
  return side % 2 === 0 && side >= SMALLEST_SIDE && side <= LARGEST_SIDE;
}

function nearestSide(side: number): number {
  return Math.min(LARGEST_SIDE, Math.max(SMALLEST_SIDE, 2 * Math.floor(side / 2)));
}

/** To the nearest even number, of two the larger; a single row or column stays. */
function shrink(side: number, factor: number): number {
  return Math.min(side, Math.max(SMALLEST_SIDE, 2 * Math.round((side * factor) / 2)));
}
