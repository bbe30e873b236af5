import tf from '../../common/tf.cjs';
import { attributes } from '../../engine/attrs.js';
import { nativeBackend, type NativeBackend } from '../../engine/native.js';
import { mapAxis } from '../resize.js';
import { kernelPlaces } from '../resize-kernels.js';
import { resizeWeights, type Coordinates, type ResizedAxis } from '../resize-weights.js';

/** What both kernels carry. */
type Attrs = Pick<tf.ResizeBilinearAttrs, 'alignCorners' | 'halfPixelCenters'>;

/**
 * The gradients of `tf.image.resizeBilinear` and `resizeNearestNeighbor`. Those of TensorFlow.js leave out `halfPixelCenters` on every
 * engine and give wrong numbers for it; the cpu engine's bilinear one swaps height and width besides.
 */
export const resizeGradients: tf.GradConfig[] = [
  gradientOf(tf.ResizeBilinear, linearMatrix),
  gradientOf(tf.ResizeNearestNeighbor, nearestMatrix),
];

function gradientOf(kernelName: string, matrixOf: (axis: ResizedAxis, attrs: Attrs) => Float32Array): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['images'],
    gradFunc: (given, saved, attrs) => {
      const dy = given as tf.Tensor4D;
      const [images] = saved as [tf.Tensor4D];
      const sampling = attrs as unknown as Attrs;
      const backend = nativeBackend();
      return {
        images: () => {
          if (backend) return nativeGradient(backend, `${kernelName}Grad`, dy, images, sampling);
          let dx: tf.Tensor = dy;
          for (const axis of [1, 2]) {
            const resized = { from: images.shape[axis]!, size: dy.shape[axis]! };
            const matrix = tf.tensor2d(matrixOf(resized, sampling), [resized.size, resized.from]);
            dx = mapAxis(dx, axis, matrix, true);
          }
          return dx;
        },
      };
    },
  };
}

/** @source TensorFlow's ResizeBilinearGrad and ResizeNearestNeighborGrad, which take the sizes instead of the images */
function nativeGradient(
  backend: NativeBackend,
  op: string,
  dy: tf.Tensor4D,
  images: tf.Tensor4D,
  { alignCorners, halfPixelCenters }: Attrs,
): tf.Tensor {
  const make = attributes(backend.binding);
  const second = op === 'ResizeBilinearGrad' ? images : tf.tensor1d(images.shape.slice(1, 3), 'int32');
  return backend.executeSingleOutput(
    op,
    [
      make.type('T', backend.binding.TF_FLOAT),
      make.bool('align_corners', alignCorners),
      make.bool('half_pixel_centers', halfPixelCenters),
    ],
    [dy, second],
  );
}

function coordinatesOf({ alignCorners, halfPixelCenters }: Attrs): Coordinates {
  return alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric';
}

function linearMatrix(axis: ResizedAxis, attrs: Attrs): Float32Array {
  return resizeWeights(axis, { mode: 'linear', coordinates: coordinatesOf(attrs) });
}

/** Ones where TensorFlow takes an output from. */
function nearestMatrix(axis: ResizedAxis, attrs: Attrs): Float32Array {
  const matrix = new Float32Array(axis.size * axis.from);
  kernelPlaces(axis, attrs).forEach((place, row) => (matrix[row * axis.from + place] = 1));
  return matrix;
}
