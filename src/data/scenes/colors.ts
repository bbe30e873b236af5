import type { Random } from '../../common/random.js';
import type { Color } from './canvas.js';

/** Walls, fences and slabs share these. */
const WALLS: Color[] = [
  [176, 160, 138],
  [150, 142, 134],
  [158, 118, 98],
  [190, 182, 168],
  [132, 124, 118],
  [168, 150, 112],
];

const CARS: Color[] = [
  [172, 34, 34],
  [36, 62, 132],
  [208, 208, 212],
  [44, 44, 50],
  [120, 124, 130],
  [34, 104, 72],
  [196, 162, 60],
];

const CLOTHES: Color[] = [
  [60, 60, 78],
  [152, 52, 52],
  [64, 92, 150],
  [188, 180, 168],
  [70, 112, 70],
  [206, 140, 60],
];

export const wallColor = (random: Random): Color => vary(pick(WALLS, random), 12, random);
export const carColor = (random: Random): Color => vary(pick(CARS, random), 10, random);
export const clothColor = (random: Random): Color => vary(pick(CLOTHES, random), 14, random);
export const skinColor = (random: Random): Color => scaleColor([214, 170, 142], 0.5 + 0.5 * random.next());
export const leafColor = (random: Random): Color => vary([76, 98, 54], 14, random);
export const stoneColor = (random: Random): Color => vary([116, 114, 112], 10, random);

export function scaleColor([red, green, blue]: Color, by: number): Color {
  return [red * by, green * by, blue * by];
}

function vary([red, green, blue]: Color, by: number, random: Random): Color {
  const [all, warm] = [(random.next() - 0.5) * 2 * by, (random.next() - 0.5) * by];
  return [red + all + warm, green + all, blue + all - warm];
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.integer(from.length)]!;
}
