import type { OpCase } from '../support/op-case.js';
import { ARITHMETIC_CASES } from './arithmetic.js';
import { CONV3D_CASES } from './conv3d.js';
import { CONVOLUTION_CASES } from './convolution.js';
import { DETECTION_CASES } from './detection.js';
import { EINSUM_CASES } from './einsum.js';
import { PAD_CASES } from './pad.js';
import { POOL_CASES } from './pool.js';
import { POSITION_CASES } from './positions.js';
import { RESIZE_CASES } from './resize.js';
import { SLICE_CASES } from './slices.js';

/** All cases of the contract suite: a line for each family of ops. */
export const OP_CASES: OpCase[] = [
  ...ARITHMETIC_CASES,
  ...CONV3D_CASES,
  ...CONVOLUTION_CASES,
  ...DETECTION_CASES,
  ...EINSUM_CASES,
  ...PAD_CASES,
  ...POOL_CASES,
  ...POSITION_CASES,
  ...RESIZE_CASES,
  ...SLICE_CASES,
];
