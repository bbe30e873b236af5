import * as tf from '@tensorflow/tfjs';
import { resize, type ResizeOptions } from '../../../src/ops/index.js';
import { at, make, type NdArray } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

/** Where an output lies, as ONNX' text on Resize has it. */
function place(i: number, from: number, size: number, scale: number, how: ResizeOptions['coordinates']): number {
  const half = (i + 0.5) / scale - 0.5;
  if (how === 'asymmetric') return i / scale;
  if (how === 'align_corners') return size === 1 ? 0 : (i * (from - 1)) / (scale * from - 1);
  if (how === 'pytorch_half_pixel') return size > 1 ? half : 0;
  if (how === 'half_pixel_symmetric') return (from / 2) * (1 - size / (scale * from)) + half;
  return half;
}

function kernel(distance: number, { mode, cubicCoefficient: a = -0.75 }: ResizeOptions): number {
  const x = Math.abs(distance);
  if (mode === 'linear') return Math.max(0, 1 - x);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
}

/** One axis: for each output a weighted mean over a wide stretch of inputs, copies of the edge among them. */
function resized(x: NdArray, axis: number, size: number, scale: number, options: ResizeOptions): NdArray {
  const from = x.shape[axis]!;
  const clamp = (i: number): number => Math.min(from - 1, Math.max(0, i));
  const narrow = options.antialias ? Math.min(1, scale) : 1;
  return make(x.shape.with(axis, size), (index) => {
    const center = place(index[axis]!, from, size, scale, options.coordinates);
    if (options.mode === 'nearest') {
      const [low, isTie] = [Math.floor(center), center - Math.floor(center) === 0.5];
      const near = isTie ? low + (options.rounding === 'round_prefer_ceil' ? 1 : 0) : Math.round(center);
      const taken = { floor: low, ceil: Math.ceil(center), round_prefer_floor: near, round_prefer_ceil: near };
      return at(x, index.with(axis, clamp(taken[options.rounding ?? 'round_prefer_floor'])));
    }
    let [sum, total] = [0, 0];
    for (let i = -30; i < from + 30; i++) {
      if (options.excludeOutside && i !== clamp(i)) continue;
      const weight = kernel((i - center) * narrow, options);
      sum += weight * at(x, index.with(axis, clamp(i)));
      total += weight;
    }
    return sum / total;
  });
}

function add(shape: number[], sizes: number[], options: ResizeOptions): OpCase {
  const { scales, ...rest } = options;
  const stated = Object.values(rest).filter((value) => typeof value === 'string').join(', '); // prettier-ignore
  const extras = [rest.antialias && 'antialiased', rest.excludeOutside && 'without the outside', scales && `by ${scales}`]; // prettier-ignore
  return {
    name: `resize, ${[stated, ...extras.filter(Boolean)].join(', ')}, [${shape}] to [${sizes}]`,
    shapes: [shape],
    run: (x) => resize(x!, sizes, options),
    reference: (x) =>
      sizes.reduce((y, size, axis) => {
        const scale = scales?.[axis] ?? size / y.shape[axis]!;
        return scale === 1 ? y : resized(y, axis, size, scale, options);
      }, x!),
  };
}

const COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
] as const;
const [UP, DOWN] = [[1, 7, 9, 2], [1, 2, 3, 2]]; // prettier-ignore

export const RESIZE_CASES: OpCase[] = [
  ...COORDINATES.flatMap((coordinates) => [
    ...(['linear', 'cubic'] as const).flatMap((mode) => [
      add([1, 4, 5, 2], UP!, { mode, coordinates }),
      add([1, 4, 5, 2], DOWN!, { mode, coordinates }),
    ]),
    ...(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const).flatMap((rounding) => [
      add([1, 4, 5, 2], UP!, { mode: 'nearest', coordinates, rounding }),
      add([1, 4, 6, 1], [1, 2, 3, 1], { mode: 'nearest', coordinates, rounding }),
    ]),
  ]),
  // Channels first, one axis, five axes, axes that are no neighbours.
  add([1, 2, 4, 4], [1, 2, 8, 8], { mode: 'linear', coordinates: 'half_pixel' }),
  add([1, 2, 4], [1, 2, 7], { mode: 'linear', coordinates: 'half_pixel' }),
  add([1, 2, 2, 3, 2], [1, 2, 4, 5, 3], { mode: 'linear', coordinates: 'align_corners' }),
  add([3, 2, 4], [5, 2, 3], { mode: 'nearest', coordinates: 'asymmetric', rounding: 'floor' }),
  add([1, 4, 4, 2], [1, 1, 1, 2], { mode: 'linear', coordinates: 'pytorch_half_pixel' }),
  // Scales whose sizes were rounded.
  add([1, 4, 5, 1], [1, 2, 3, 1], { mode: 'linear', coordinates: 'half_pixel', scales: [1, 0.6, 0.7, 1] }),
  add([1, 4, 5, 1], [1, 2, 3, 1], { mode: 'linear', coordinates: 'align_corners', scales: [1, 0.6, 0.7, 1] }),
  add([1, 4, 5, 1], [1, 2, 3, 1], { mode: 'cubic', coordinates: 'half_pixel_symmetric', scales: [1, 0.6, 0.7, 1] }),
  add([1, 4, 5, 1], [1, 4, 5, 1], { mode: 'linear', coordinates: 'half_pixel', scales: [1, 1.2, 1.1, 1] }),
  ...(['linear', 'cubic'] as const).flatMap((mode) => [
    add([1, 9, 8, 1], [1, 4, 3, 1], { mode, coordinates: 'half_pixel', antialias: true }),
    add([1, 9, 8, 1], [1, 4, 3, 1], { mode, coordinates: 'half_pixel', antialias: true, excludeOutside: true }),
    add([1, 4, 5, 1], [1, 7, 3, 1], { mode, coordinates: 'half_pixel', excludeOutside: true }),
  ]),
  add([1, 4, 5, 1], [1, 7, 9, 1], { mode: 'cubic', coordinates: 'half_pixel', cubicCoefficient: -0.5 }),
  // TensorFlow.js' own calls, whose gradients are mended.
  ...(
    [
      [true, false, 'align_corners'],
      [false, true, 'half_pixel'],
      [false, false, 'asymmetric'],
    ] as const
  ).map(([align, half, coordinates]): OpCase => ({
    name: `tf.image.resizeBilinear, ${coordinates}`,
    shapes: [[2, 4, 4, 3]],
    run: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [7, 6], align, half),
    reference: add([2, 4, 4, 3], [2, 7, 6, 3], { mode: 'linear', coordinates }).reference,
  })),
];
