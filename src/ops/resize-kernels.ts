import tf from '../common/tf.cjs';
import { nearestPlaces, type Coordinates, type Interpolation, type ResizedAxis } from './resize-weights.js';

type ImageResize = (image: tf.Tensor4D, size: [number, number]) => tf.Tensor4D;

/** How the kernels of TensorFlow find the place of an output: three ways, of which some of ONNX' are special cases. */
interface Sampling {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** TensorFlow's kernel that does exactly what is asked to these axes, or null. */
export function imageKernel(axes: ResizedAxis[], options: Interpolation): ImageResize | null {
  if (options.mode === 'cubic' || options.antialias || options.excludeOutside) return null;
  const sampling = samplingOf(axes, options.coordinates);
  if (!sampling) return null;
  const { alignCorners, halfPixelCenters } = sampling;
  if (options.mode === 'linear')
    return axes.every(isByQuotient)
      ? (image, size) => tf.image.resizeBilinear(image, size, alignCorners, halfPixelCenters)
      : null;
  const isSame = axes.every((axis) => {
    const theirs = kernelPlaces(axis, sampling);
    return nearestPlaces(axis, options).every((place, i) => place === theirs[i]);
  });
  return isSame ? (image, size) => tf.image.resizeNearestNeighbor(image, size, alignCorners, halfPixelCenters) : null;
}

/** Whether the scale is the quotient of the sizes, save its rounding to single precision. */
function isByQuotient({ from, size, scale }: ResizedAxis): boolean {
  return scale === undefined || Math.abs(scale * from - size) <= 1e-6 * size;
}

function samplingOf(axes: ResizedAxis[], coordinates: Coordinates): Sampling | null {
  switch (coordinates) {
    case 'align_corners':
      return { alignCorners: true, halfPixelCenters: false };
    case 'asymmetric':
      return { alignCorners: false, halfPixelCenters: false };
    case 'pytorch_half_pixel':
      return axes.some(({ size }) => size === 1) ? null : { alignCorners: false, halfPixelCenters: true };
    case 'half_pixel':
    case 'half_pixel_symmetric':
      return { alignCorners: false, halfPixelCenters: true };
  }
}

/**
 * Where TensorFlow's nearest kernel takes each output from, in its single precision.
 *
 * @source TensorFlow, ResizeNearestNeighbor: half pixels are not rounded but cut after the half is added, aligned corners are rounded
 */
export function kernelPlaces({ from, size }: ResizedAxis, { alignCorners, halfPixelCenters }: Sampling): Int32Array {
  const f = Math.fround;
  const scale = alignCorners && size > 1 ? f((from - 1) / (size - 1)) : f(from / size);
  return Int32Array.from({ length: size }, (_, i) => {
    const at = f((halfPixelCenters ? i + 0.5 : i) * scale);
    return Math.min(from - 1, alignCorners ? Math.floor(at + 0.5) : Math.floor(at));
  });
}
