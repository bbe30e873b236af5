import type tf from '../../common/tf.cjs';
import { averagePoolGradient } from './average-pool.js';
import { castGradient } from './cast.js';
import { comparisonGradients } from './comparisons.js';
import { conv2dTransposeGradient } from './conv2d-transpose.js';
import { conv2dGradient } from './conv2d.js';
import { cropAndResizeGradient } from './crop-and-resize.js';
import { cumsumGradient } from './cumsum.js';
import { depthToSpaceGradient } from './depth-to-space.js';
import { depthwiseConv2dGradient } from './depthwise-conv2d.js';
import { extremeGradients } from './extremes.js';
import {
  gatherGradient,
  gatherNdGradient,
  scatterNdGradient,
  tensorScatterUpdateGradient,
  topKGradient,
} from './gather.js';
import { matMulGradient } from './mat-mul.js';
import { mirrorPadGradient } from './mirror-pad.js';
import { resizeGradients } from './resize.js';
import { stridedSliceGradient } from './strided-slice.js';
import { tileGradient } from './tile.js';

/** Gradients of TensorFlow.js' own ops that it lacks or has wrong; docs/ops.md has what was measured. */
export const mendedGradients: tf.GradConfig[] = [
  averagePoolGradient,
  castGradient,
  ...comparisonGradients,
  conv2dGradient,
  conv2dTransposeGradient,
  cropAndResizeGradient,
  cumsumGradient,
  depthToSpaceGradient,
  depthwiseConv2dGradient,
  ...extremeGradients,
  gatherGradient,
  gatherNdGradient,
  matMulGradient,
  mirrorPadGradient,
  ...resizeGradients,
  scatterNdGradient,
  stridedSliceGradient,
  tensorScatterUpdateGradient,
  tileGradient,
  topKGradient,
];
