import type { Random } from '../../common/random.js';
import { carColor, clothColor, leafColor, scaleColor, skinColor, stoneColor, wallColor } from './colors.js';
import type { Color } from './canvas.js';

/** What stands along one side of the street, from `near` to `far` metres ahead. */
export interface Stretch {
  kind: 'building' | 'fence' | 'hedge' | 'open';
  near: number;
  far: number;
  height: number;
  color: Color;
  /** Bricks instead of plaster, for buildings. */
  bricks: boolean;
  /** Of its texture. */
  seed: number;
}

/** One side of the street, from the kerb outwards. */
export interface Side {
  /** -1 left, 1 right. */
  sign: -1 | 1;
  /** Metres from the camera's line to the kerb, the end of the first strip, and the line of walls. */
  kerb: number;
  strip: number;
  wall: number;
  /** What lies between kerb and strip, and between strip and wall. */
  ground: ['pavement' | 'grass', 'pavement' | 'grass'];
  stretches: Stretch[];
}

/** Something that stands on the ground at `x` metres to the right and `z` ahead. */
export interface Thing {
  kind: 'car' | 'person' | 'sign' | 'pole' | 'tree';
  x: number;
  z: number;
  /** Metres; what it is the size of depends on the kind. */
  size: number;
  color: Color;
  second: Color;
  seed: number;
}

/** A whole street in metres: what to paint, at whatever size. */
export interface Plan {
  seed: number;
  eye: number;
  aim: { horizon: number; center: number };
  /** Factor on every colour, per channel: weather and time of day. */
  light: Color;
  sky: { top: Color; bottom: Color; clouds: number };
  road: { color: Color; middle: number; marked: boolean; kerbs: boolean };
  pavement: Color;
  grass: Color;
  sides: [Side, Side];
  /** A street that crosses, from `near` to `far`. */
  crossing: { near: number; far: number } | undefined;
  /** From far to near. */
  things: Thing[];
}

/** Draws a street. */
export function drawPlan(random: Random): Plan {
  const between = (low: number, high: number): number => low + (high - low) * random.next();
  const road = stoneColor(random);
  const crossing = random.next() < 0.35 ? between(14, 40) : undefined;
  const light = between(0.72, 1.18);
  const warmth = between(-0.06, 0.06);
  const sides: [Side, Side] = [drawSide(-1, crossing, random), drawSide(1, crossing, random)];
  return {
    seed: random.integer(2 ** 30),
    eye: between(1.4, 2),
    aim: { horizon: between(0.36, 0.5), center: between(0.38, 0.62) },
    light: [light * (1 + warmth), light, light * (1 - warmth)],
    sky: {
      top: [between(90, 150), between(140, 175), between(190, 225)],
      bottom: [between(180, 215), between(195, 220), between(210, 230)],
      clouds: between(0, 50),
    },
    road: {
      color: road,
      middle: (sides[1].kerb - sides[0].kerb) / 2,
      marked: random.next() < 0.8,
      kerbs: random.next() < 0.5,
    },
    // Slabs are of the road's own gray in most streets, so that texture has to tell them apart.
    pavement: random.next() < 0.7 ? scaleColor(road, between(0.95, 1.1)) : wallColor(random),
    grass: leafColor(random),
    sides,
    crossing: crossing === undefined ? undefined : { near: crossing, far: crossing + 7 },
    things: drawThings(sides, random),
  };
}

function drawSide(sign: -1 | 1, crossing: number | undefined, random: Random): Side {
  const between = (low: number, high: number): number => low + (high - low) * random.next();
  const kerb = between(2.2, 5.5);
  const strip = kerb + between(1, 3.5);
  const wall = strip + between(0.5, 3.5);
  const ground = (): 'pavement' | 'grass' => (random.next() < 0.65 ? 'pavement' : 'grass');
  return { sign, kerb, strip, wall, ground: [ground(), ground()], stretches: drawStretches(crossing, random) };
}

function drawStretches(crossing: number | undefined, random: Random): Stretch[] {
  const stretches: Stretch[] = [];
  for (let near = 2; near < 110;) {
    const far = near + 5 + 13 * random.next();
    const kind = (['building', 'building', 'building', 'fence', 'fence', 'hedge', 'open'] as const)[random.integer(7)]!;
    const tall = {
      building: 5 + 9 * random.next(),
      fence: 1.1 + 1.3 * random.next(),
      hedge: 1.5 + 5 * random.next(),
      open: 0,
    };
    const color = kind === 'hedge' ? leafColor(random) : wallColor(random);
    const crossed = crossing !== undefined && near < crossing + 7 && far > crossing;
    stretches.push({
      kind: crossed ? 'open' : kind,
      near,
      far,
      height: tall[kind],
      color,
      bricks: random.next() < 0.5,
      seed: random.integer(2 ** 30),
    });
    near = far;
  }
  return stretches;
}

function drawThings(sides: [Side, Side], random: Random): Thing[] {
  const things: Thing[] = [];
  const add = (kind: Thing['kind'], x: number, z: number, size: number, color: Color, second: Color): number =>
    things.push({ kind, x, z, size, color, second, seed: random.integer(2 ** 30) });
  const distance = (near: number, far: number): number => near * (far / near) ** random.next();
  const gray: Color = [96, 98, 102];
  for (let i = 1 + random.integer(5); i > 0; i--) {
    const side = sides[random.integer(2)]!;
    const lane = random.next() < 0.5 ? side.kerb - 1.1 : side.kerb * random.next() * 0.6;
    add('car', side.sign * lane, distance(7, 45), 1.6 + 0.4 * random.next(), carColor(random), carColor(random));
  }
  for (let i = random.integer(8); i > 0; i--) {
    const side = sides[random.integer(2)]!;
    const x =
      side.sign *
      (random.next() < 0.2 ? side.kerb * random.next() : side.kerb + (side.wall - side.kerb) * random.next());
    add(
      'person',
      x,
      distance(5, 25),
      1.55 + 0.35 * random.next(),
      clothColor(random),
      random.next() < 0.5 ? clothColor(random) : skinColor(random),
    );
  }
  for (const side of sides) {
    const x = side.sign * (side.kerb + 0.5);
    for (let i = random.integer(3); i > 0; i--) {
      add('sign', x, distance(5, 26), 0.7 + 0.6 * random.next(), SIGNS[random.integer(SIGNS.length)]!, gray);
    }
    for (let z = 6 + 14 * random.next(); z < 60; z += 16) add('pole', x, z, 5 + 2 * random.next(), gray, gray);
    const trees = random.next() < 0.5 ? 1 + random.integer(4) : 0;
    for (let i = 0; i < trees; i++) {
      const at = side.sign * (side.strip + (side.wall - side.strip) * random.next());
      add('tree', at, distance(7, 50), 4 + 4 * random.next(), leafColor(random), [84, 66, 52]);
    }
  }
  return things.sort((a, b) => b.z - a.z);
}

const SIGNS: Color[] = [
  [196, 36, 36],
  [34, 72, 160],
  [226, 190, 52],
  [222, 222, 222],
];
