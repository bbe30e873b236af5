import { activation } from './activation.js';
import { arithmetic } from './arithmetic.js';
import { attention } from './attention.js';
import { blocks } from './blocks.js';
import { comparison } from './comparison.js';
import { constants } from './constants.js';
import { convTranspose } from './conv-transpose.js';
import { control } from './control.js';
import { conv } from './conv.js';
import { detections } from './detections.js';
import { dropout } from './dropout.js';
import { einsum } from './einsum.js';
import { gather } from './gather.js';
import { gridSample } from './grid-sample.js';
import { join } from './join.js';
import { loop } from './loop.js';
import { matmul } from './matmul.js';
import { maxUnpool } from './max-unpool.js';
import { normalization } from './normalization.js';
import { order } from './order.js';
import { pad } from './pad.js';
import { pool } from './pool.js';
import { recurrent } from './recurrent.js';
import { reduce } from './reduce.js';
import { resize } from './resize.js';
import { scatter } from './scatter.js';
import { shape } from './shape.js';
import { slice } from './slice.js';
import { softmax } from './softmax.js';
import { unary } from './unary.js';
import type { Family, Op } from './op.js';

/** Every family of operations. */
const FAMILIES: readonly Family[] = [
  activation,
  arithmetic,
  attention,
  blocks,
  comparison,
  constants,
  control,
  conv,
  convTranspose,
  detections,
  dropout,
  einsum,
  gather,
  gridSample,
  join,
  loop,
  matmul,
  maxUnpool,
  normalization,
  order,
  pad,
  pool,
  recurrent,
  reduce,
  resize,
  scatter,
  shape,
  slice,
  softmax,
  unary,
];

const OPS: ReadonlyMap<string, Op> = new Map(FAMILIES.flatMap((family) => Object.entries(family)));

/** The operation of a name, undefined where gearnn lacks it; all that it has are ONNX's own (domain ''). */
export function findOp(domain: string, name: string): Op | undefined {
  return domain === '' ? OPS.get(name) : undefined;
}

/** Names of all operations, sorted. */
export function opNames(): string[] {
  return [...OPS.keys()].sort();
}
