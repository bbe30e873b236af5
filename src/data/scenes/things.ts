import type { Camera } from './camera.js';
import type { Canvas, Color, Paint, Point } from './canvas.js';
import { CLASS } from './classes.js';
import { scaleColor } from './colors.js';
import { hash } from './noise.js';
import type { Thing } from './plan.js';
import { leaves } from './textures.js';

/** Paints a thing; `instance` is its object id, used where its class has objects. */
export function paintThing(canvas: Canvas, camera: Camera, thing: Thing, instance: number): void {
  painters[thing.kind](canvas, at(camera, thing), thing, instance);
}

/** From metres beside and above a thing's foot to the screen. */
type Place = ((x: number, y: number, deeper?: number) => Point) & { scale: number };

function at(camera: Camera, thing: Thing): Place {
  const place = (x: number, y: number, deeper = 0): Point => [
    camera.column(thing.x + x, thing.z + deeper),
    camera.row(y, thing.z + deeper),
  ];
  return Object.assign(place, { scale: camera.scale(thing.z) });
}

const painters: Record<Thing['kind'], (canvas: Canvas, place: Place, thing: Thing, instance: number) => void> = {
  car: paintCar,
  person: paintPerson,
  sign: paintSign,
  pole: paintPole,
  tree: paintTree,
};

/** Seen from behind, with the flank that shows. */
function paintCar(canvas: Canvas, place: Place, { x, z, size, color, seed }: Thing, instance: number): void {
  const paint = (part: Color): Paint => ({ color: part, label: CLASS.car, instance, z });
  const half = size / 2;
  const inner = x > 0 ? -half : half;
  const flank = scaleColor(color, 0.72);
  const glass: Color = [46, 54, 64];
  const tyre: Color = [28, 28, 30];
  const [belt, roof, length] = [0.95, 1.45, 4];
  canvas.rectangle(place(-half * 0.95, 0.4), place(half * 0.95, 0), paint(tyre));
  canvas.polygon(
    [place(inner, 0.25), place(inner, belt), place(inner, belt, length), place(inner, 0.25, length)],
    paint(flank),
  );
  canvas.polygon(
    [place(inner, belt), place(inner * 0.8, roof), place(inner * 0.8, roof, 2.4), place(inner, belt, 3.2)],
    paint(glass),
  );
  canvas.polygon(
    [place(-half, belt), place(-half * 0.8, roof), place(half * 0.8, roof), place(half, belt)],
    paint(color),
  );
  canvas.polygon(
    [
      place(-half * 0.84, belt),
      place(-half * 0.7, roof - 0.1),
      place(half * 0.7, roof - 0.1),
      place(half * 0.84, belt),
    ],
    paint(glass),
  );
  canvas.rectangle(place(-half, belt), place(half, 0.28), paint(color));
  canvas.rectangle(place(-half, 0.45), place(half, 0.28), paint(scaleColor(color, 0.5)));
  const lamp: Color = hash(0, 0, seed) < 0.5 ? [206, 30, 26] : [232, 226, 200];
  canvas.rectangle(place(-half, 0.82), place(-half * 0.72, 0.62), paint(lamp));
  canvas.rectangle(place(half * 0.72, 0.82), place(half, 0.62), paint(lamp));
  canvas.rectangle(place(-half * 0.3, 0.66), place(half * 0.3, 0.52), paint([226, 224, 206]));
}

/** Head, coat and legs in mid-stride. */
function paintPerson(canvas: Canvas, place: Place, { z, size, color, second, seed }: Thing, instance: number): void {
  const paint = (part: Color): Paint => ({ color: part, label: CLASS.person, instance, z });
  const stride = 0.08 + 0.14 * hash(0, 1, seed);
  const trousers = scaleColor(color, 0.55);
  const hip = size * 0.5;
  for (const side of [-1, 1]) {
    const foot = side * stride;
    canvas.polygon([place(-0.13, hip), place(0.13, hip), place(foot + 0.08, 0), place(foot - 0.1, 0)], paint(trousers));
  }
  canvas.polygon(
    [place(-0.2, size * 0.82), place(0.2, size * 0.82), place(0.24, hip * 0.94), place(-0.24, hip * 0.94)],
    paint(color),
  );
  canvas.rectangle(place(-0.3, size * 0.8), place(-0.2, hip), paint(scaleColor(color, 0.8)));
  canvas.rectangle(place(0.2, size * 0.8), place(0.3, hip), paint(scaleColor(color, 0.8)));
  const head = size * 0.14 * place.scale;
  canvas.ellipse(place(0, size * 0.91), head * 0.85, head * 1.2, paint([196, 154, 128]));
  canvas.ellipse(place(0, size * 0.96), head * 0.9, head * 0.7, paint(scaleColor(second, 0.5)));
}

/** A disc, triangle or board with a pattern on it, on a post. */
function paintSign(canvas: Canvas, place: Place, { z, size, color, second, seed }: Thing): void {
  const post: Paint = { color: second, label: CLASS.pole, z };
  const plate = (part: Color): Paint => ({ color: part, label: CLASS.sign, z });
  const width = Math.max(0.08, 1.01 / place.scale);
  const middle = 2.5;
  canvas.rectangle(place(-width / 2, middle), place(width / 2, 0), post);
  const kind = Math.floor(hash(0, 2, seed) * 3);
  const white: Color = [230, 230, 226];
  for (const [share, part] of [
    [1, color],
    [0.72, white],
    [0.4, color],
  ] as const) {
    const half = (size / 2) * share;
    if (kind === 0) canvas.ellipse(place(0, middle), 2 * half * place.scale, 2 * half * place.scale, plate(part));
    else if (kind === 1)
      canvas.polygon(
        [place(-half, middle - half * 0.8), place(0, middle + half), place(half, middle - half * 0.8)],
        plate(part),
      );
    else canvas.rectangle(place(-half * 1.3, middle + half * 0.7), place(half * 1.3, middle - half * 0.7), plate(part));
  }
}

/** A street lamp. */
function paintPole(canvas: Canvas, place: Place, { x, z, size, color }: Thing): void {
  const paint: Paint = { color, label: CLASS.pole, z };
  const width = Math.max(0.2, 1.01 / place.scale);
  canvas.rectangle(place(-width / 2, size), place(width / 2, 0), paint);
  const reach = x > 0 ? -1.3 : 1.3;
  canvas.rectangle(
    place(Math.min(0, reach), size),
    place(Math.max(0, reach), size - Math.max(0.12, 1.01 / place.scale)),
    paint,
  );
}

/** A trunk and a crown of three ragged blobs. */
function paintTree(canvas: Canvas, place: Place, { z, size, color, second, seed }: Thing): void {
  const crown: Paint = { color, label: CLASS.tree, z, tone: (x, y) => leaves(x, y, seed) };
  const width = Math.max(0.25, 1.01 / place.scale);
  canvas.rectangle(place(-width / 2, size * 0.6), place(width / 2, 0), { color: second, label: CLASS.tree, z });
  const ragged = (x: number, y: number): number => (hash(x >> 1, y >> 1, seed) - 0.5) * 0.6;
  const blob = size * 0.45 * place.scale;
  for (const [x, y, share] of [
    [-0.16, 0.62, 1],
    [0.17, 0.66, 0.95],
    [0, 0.82, 0.9],
  ] as const) {
    canvas.ellipse(place(size * x, size * y), blob * share * 1.15, blob * share, crown, ragged);
  }
}
