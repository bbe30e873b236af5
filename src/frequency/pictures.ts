import { DIVERGING, SEQUENTIAL, type ColorMap } from '../image/color-map.js';
import type { Pixels } from '../image/pixels.js';
import type { CoefficientMap } from './response.js';

/** What the ends of a picture's colours stand for. */
export interface Scale {
  low: number;
  high: number;
}

/** Share of coefficients that lie below a scale's lower end: noise in the smallest ones would take up half of the colours. */
const BELOW = 0.005;
/** Share of differences that lie beyond a scale's ends. */
const BEYOND = 0.01;

/** Ends that hold nearly all coefficients of these maps, so that their pictures can be compared. */
export function responseScale(maps: readonly CoefficientMap[]): Scale {
  const values = sorted(maps).filter((value) => value > 0);
  if (values.length === 0) return { low: 1, high: 10 };
  const [low, high] = [values[Math.floor(BELOW * values.length)]!, values.at(-1)!];
  return low < high ? { low, high } : { low: low / 2, high: low * 2 };
}

/** Ends at the same distance from 0, which hold nearly all of these differences. */
export function differenceScale(maps: readonly CoefficientMap[]): Scale {
  const sizes = sorted(maps.map((map) => ({ ...map, data: map.data.map(Math.abs) })));
  const high = sizes[Math.floor((1 - BEYOND) * (sizes.length - 1))]! || sizes.at(-1)! || 1;
  return { low: -high, high };
}

/**
 * A picture of a response, one pixel per coefficient with zero frequency in the upper left corner: on a logarithmic scale, dark blue
 * for the least and yellow for the most.
 */
export function responsePicture(map: CoefficientMap, { low, high }: Scale): Pixels {
  const span = Math.log(high / low);
  return colored(map, SEQUENTIAL, (value) => (value > 0 ? Math.log(value / low) / span : 0));
}

/** A picture of a difference, laid out likewise: blue where this network responds less, white where equally, red where more. */
export function differencePicture(map: CoefficientMap, { low, high }: Scale): Pixels {
  return colored(map, DIVERGING, (value) => (value - low) / (high - low));
}

/** Octaves either way that the colours of a {@link ratioPicture} span. */
const OCTAVES = 2;

/**
 * How many times as strongly `a` responds as `b`, laid out and coloured likewise: white where equally, the deepest red from four times
 * on, the deepest blue from a quarter down. Unlike differences it shows small responses as well as large ones.
 */
export function ratioPicture(a: CoefficientMap, b: CoefficientMap): Pixels {
  const octaves = a.data.map((value, i) => Math.log2(value / b.data[i]!) || 0);
  return differencePicture({ ...a, data: octaves }, { low: -OCTAVES, high: OCTAVES });
}

/** `a - b`, coefficient by coefficient. */
export function differenceOf(a: CoefficientMap, b: CoefficientMap): CoefficientMap {
  return { ...a, data: a.data.map((value, i) => value - b.data[i]!) };
}

/**
 * A smaller map of the means of square blocks, of the least size that brings both sides to `longest` or below; blocks at the right
 * and lower edge may be cut.
 */
export function blockMeans(map: CoefficientMap, longest: number): CoefficientMap {
  const side = Math.ceil(Math.max(map.width, map.height) / longest);
  if (side <= 1) return map;
  const [width, height] = [Math.ceil(map.width / side), Math.ceil(map.height / side)];
  const [sums, counts] = [new Float64Array(width * height), new Float64Array(width * height)];
  map.data.forEach((value, i) => {
    const block = Math.floor(Math.floor(i / map.width) / side) * width + Math.floor((i % map.width) / side);
    sums[block]! += value;
    counts[block]!++;
  });
  return { data: Float32Array.from(sums, (sum, i) => sum / counts[i]!), width, height };
}

/** @param place where a value lies between the first colour, 0, and the last, 1; beyond them it takes theirs */
function colored({ data, width, height }: CoefficientMap, colors: ColorMap, place: (value: number) => number): Pixels {
  const pixels = new Uint8Array(3 * data.length);
  data.forEach((value, i) => {
    const index = Math.round(255 * Math.min(1, Math.max(0, place(value))));
    pixels.set(colors.subarray(3 * index, 3 * index + 3), 3 * i);
  });
  return { data: pixels, width, height, channels: 3 };
}

function sorted(maps: readonly CoefficientMap[]): Float32Array {
  const all = new Float32Array(maps.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of maps) {
    all.set(data, at);
    at += data.length;
  }
  return all.sort();
}
