import { resize as resized, type Coordinates, type ResizeOptions, type Rounding } from '../../../ops/index.js';
import { inOrder, positive } from '../axes.js';
import { requireSize, Value } from '../value.js';
import { cropped } from './crop-and-resize.js';
import type { Call, Family } from './op.js';

/** Other sizes of a picture, or of any axes. */
export const resize: Family = {
  Resize: (call, x, roi, scales, sizes) => {
    const value = call.need(x, 'X');
    // Version 10 has no region, and its scales come second.
    return call.opset < 11 ? run(call, value, undefined, roi, undefined) : run(call, value, roi, scales, sizes);
  },
  Upsample: (call, x, scales) => {
    const factors = scales ?? Value.ofNumbers(call.list('scales', []), 'float32');
    return run(call, call.need(x, 'X'), undefined, factors, undefined);
  },
};

const COORDINATES: readonly string[] = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
] satisfies Coordinates[];
const ROUNDINGS: readonly string[] = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] satisfies Rounding[];
const MODES: readonly string[] = ['nearest', 'linear', 'cubic'] satisfies ResizeOptions['mode'][];

function run(call: Call, x: Value, roi: Value | undefined, scales: Value | undefined, sizes: Value | undefined): Value {
  const axes = call.list('axes')?.map((axis) => positive(axis, x.rank)) ?? inOrder(x.rank);
  const { sides, factors } = sizesOf(call, x, axes, scales, sizes);
  const of = <T>(list: readonly T[], axis: number): T | undefined => list[axes.indexOf(axis)];
  const out = x.shape.map((side, axis) => of(sides, axis) ?? side);
  requireSize(out);
  const inMemory = <T>(list: readonly T[]): T[] => x.axes.map((axis) => list[axis]!);
  const transform = call.opset < 11 ? 'asymmetric' : call.text('coordinate_transformation_mode', 'half_pixel');
  if (transform === 'tf_crop_and_resize') return cropped(call, x, axes, out, roi?.numbers() ?? []);
  const options: ResizeOptions = {
    mode: one(call, MODES, call.text('mode', 'nearest')) as ResizeOptions['mode'],
    coordinates: one(call, COORDINATES, transform) as Coordinates,
    rounding: one(call, ROUNDINGS, call.opset < 11 ? 'floor' : call.text('nearest_mode', ROUNDINGS[0]!)) as Rounding,
    cubicCoefficient: call.float('cubic_coeff_a', -0.75),
    excludeOutside: call.flag('exclude_outside'),
    antialias: call.flag('antialias'),
    // A factor that the sizes have anyway is left out: their quotient is rounded once.
    scales: inMemory(
      x.shape.map((side, axis) => (out[axis] === side * (of(factors, axis) ?? 1) ? undefined : of(factors, axis))),
    ),
  };
  return Value.of(x.type, resized(x.in(x.axes), inMemory(out), options), x.axes);
}

function one(call: Call, known: readonly string[], given: string): string {
  return known.includes(given) ? given : call.refuse(`one of ${known.join(', ')}`, given);
}

/** Sizes along the axes, and the factors asked for; the policy about the ratio of the sides may change both. */
function sizesOf(
  call: Call,
  x: Value,
  axes: number[],
  scales: Value | undefined,
  sizes: Value | undefined,
): { sides: number[]; factors: number[] } {
  const wanted = sizes && sizes.size > 0 ? sizes.numbers() : undefined;
  const given = wanted?.map((side, i) => side / x.shape[axes[i]!]!) ?? scales?.numbers() ?? [];
  if (given.length !== axes.length || !given.every((factor) => factor > 0))
    call.refuse(`${axes.length} scales or sizes above 0`, `[${given}]`);
  if (!wanted) return { sides: axes.map((axis, i) => Math.floor(x.shape[axis]! * given[i]!)), factors: given };
  const policy = call.text('keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return { sides: wanted, factors: given };
  const factor = policy === 'not_larger' ? Math.min(...given) : Math.max(...given);
  return { sides: axes.map((axis) => Math.floor(factor * x.shape[axis]! + 0.5)), factors: axes.map(() => factor) };
}
