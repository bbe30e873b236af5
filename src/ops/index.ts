import tf from '../common/tf.cjs';
import { batchNormGradient, batchNormKernel } from './batch-norm.js';
import { convolutionGradients, convolutionKernels } from './convolution.js';
import { crossEntropyGradient, crossEntropyKernel } from './cross-entropy.js';
import { mendedGradients } from './gradients/registry.js';
import { maxPoolGradient } from './max-pool-gradient.js';
import { reluGradient } from './relu.js';

/** The one place where gearnn's kernels and gradients enter TensorFlow.js; importing any op module through here registers all. */
for (const kernel of [batchNormKernel, ...convolutionKernels, crossEntropyKernel]) tf.registerKernel(kernel);
for (const gradient of [
  ...convolutionGradients,
  maxPoolGradient,
  reluGradient,
  batchNormGradient,
  crossEntropyGradient,
  ...mendedGradients,
])
  tf.registerGradient(gradient);

export { batchNormFrozen, batchNormTraining, type BatchNormTensors } from './batch-norm.js';
export { binaryCrossEntropy } from './binary-cross-entropy.js';
export { softmaxCrossEntropy } from './cross-entropy.js';
export { maxPool, type Window } from './max-pool.js';
export { conv2d, convTranspose2d, type ConvOptions, type ConvTransposeOptions } from './convolution.js';
export { conv3d, convTranspose3d, type Conv3dOptions, type ConvTranspose3dOptions } from './conv3d.js';
export { depthToSpace, spaceToDepth, type BlockOrder } from './depth-to-space.js';
export { einsum } from './einsum.js';
export { whereFilled } from './filled.js';
export { matMul } from './mat-mul.js';
export { nms, type NmsOptions } from './nms.js';
export { pad, type PadMode } from './pad.js';
export { averagePoolPadded, maxPoolPadded, type AveragePoolOptions, type PoolOptions } from './pool.js';
export { gatherElements, gatherNd, scatterElements, scatterNd, type Reduction } from './positions.js';
export { resize, type ResizeOptions } from './resize.js';
export { pyramidLevels, roiAlign, type Regions, type RoiAlignOptions } from './roi-align.js';
export { smoothL1 } from './smooth-l1.js';
export type { Coordinates, Rounding } from './resize-weights.js';
export { stridedSlice, type SliceOptions } from './strided-slice.js';
export { bilinearKernel, upsampleBilinear, UPSAMPLING } from './upsample.js';
