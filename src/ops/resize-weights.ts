/** How the place of an output is found in the input. @source ONNX, Resize: coordinate_transformation_mode */
export type Coordinates = 'half_pixel' | 'half_pixel_symmetric' | 'pytorch_half_pixel' | 'align_corners' | 'asymmetric';

/** Which neighbour is the nearest. @source ONNX, Resize: nearest_mode */
export type Rounding = 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';

/** How values between pixels are made. */
export interface Interpolation {
  mode: 'nearest' | 'linear' | 'cubic';
  coordinates: Coordinates;
  /** Of `nearest`. Default: `round_prefer_floor`. */
  rounding?: Rounding;
  /** Of `cubic`: the slope at distance 1. Default: -0.75, as PyTorch and ONNX have it. */
  cubicCoefficient?: number;
  /** Pixels beyond the border count nothing, and the others more; otherwise they are copies of the edge. Default: false. */
  excludeOutside?: boolean;
  /** Downsampling averages over all pixels that an output covers, as Pillow does. Default: false. */
  antialias?: boolean;
}

/** One axis before and after. `scale` is what was asked for; `size / from` differs from it where the size was rounded. */
export interface ResizedAxis {
  from: number;
  size: number;
  scale?: number;
}

/** Where each output lies among the inputs, 0 at the first one's centre. */
function places({ from, size, scale }: ResizedAxis, coordinates: Coordinates): number[] {
  // By the sizes where no scale is stated: one division, rounded once, so that a tie is a tie.
  const back = (at: number): number => (scale === undefined ? (at * from) / size : at / scale);
  const length = scale === undefined ? size : scale * from;
  const place = (i: number): number => {
    switch (coordinates) {
      case 'half_pixel':
        return back(i + 0.5) - 0.5;
      case 'half_pixel_symmetric':
        return (from / 2) * (1 - size / length) + back(i + 0.5) - 0.5;
      case 'pytorch_half_pixel':
        return size > 1 ? back(i + 0.5) - 0.5 : 0;
      case 'align_corners':
        return length === 1 ? 0 : (i * (from - 1)) / (length - 1);
      case 'asymmetric':
        return back(i);
    }
  };
  return Array.from({ length: size }, (_, i) => place(i));
}

/**
 * For each output of an axis the input that is nearest, `[size]` whole numbers.
 *
 * @source ONNX, Resize
 */
export function nearestPlaces(axis: ResizedAxis, { coordinates, rounding }: Interpolation): Int32Array {
  const round = {
    floor: Math.floor,
    ceil: Math.ceil,
    round_prefer_floor: (at: number) => Math.ceil(at - 0.5),
    round_prefer_ceil: (at: number) => Math.floor(at + 0.5),
  }[rounding ?? 'round_prefer_floor'];
  return Int32Array.from(places(axis, coordinates), (at) => Math.min(axis.from - 1, Math.max(0, round(at))));
}

/**
 * How much of each input every output of an axis takes, `[size, from]`, row by row; each row sums to 1.
 *
 * @source ONNX, Resize; Keys, Cubic Convolution Interpolation for Digital Image Processing
 */
export function resizeWeights(axis: ResizedAxis, options: Interpolation): Float32Array {
  const { from, size } = axis;
  const { mode, cubicCoefficient = -0.75, excludeOutside = false, antialias = false } = options;
  const weights = new Float32Array(size * from);
  const [reach, kernel] = mode === 'cubic' ? [2, cubic(cubicCoefficient)] : [1, linear];
  const narrow = antialias ? Math.min(1, axis.scale ?? size / from) : 1;
  places(axis, options.coordinates).forEach((at, row) => {
    const taps: [number, number][] = [];
    for (let i = Math.ceil(at - reach / narrow); i <= Math.floor(at + reach / narrow); i++)
      if (!excludeOutside || (i >= 0 && i < from)) taps.push([i, kernel(Math.abs(i - at) * narrow)]);
    const total = taps.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [i, weight] of taps) {
      const place = row * from + Math.min(from - 1, Math.max(0, i));
      weights[place] = weights[place]! + weight / total;
    }
  });
  return weights;
}

const linear = (distance: number): number => Math.max(0, 1 - distance);

const cubic =
  (a: number) =>
  (x: number): number =>
    x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
