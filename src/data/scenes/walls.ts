import type { Camera } from './camera.js';
import { span, type Canvas, type Color } from './canvas.js';
import { CLASS } from './classes.js';
import { scaleColor } from './colors.js';
import { hash, smooth } from './noise.js';
import type { Side, Stretch } from './plan.js';
import { bricks, leaves, planks, plaster } from './textures.js';

/** How deep buildings and hedges are, in metres. */
const DEPTH = { building: 12, fence: 0.1, hedge: 2, open: 0 };

/** What stands along one side, from far to near: each stretch's end towards the camera, then its face along the street. */
export function paintWalls(canvas: Canvas, camera: Camera, side: Side): void {
  for (const stretch of side.stretches.toReversed()) {
    if (stretch.kind === 'open') continue;
    paintEnd(canvas, camera, side, stretch);
    paintFace(canvas, camera, side, stretch);
  }
}

function paintEnd(canvas: Canvas, camera: Camera, side: Side, stretch: Stretch): void {
  const z = Math.max(stretch.near, 1);
  const edges = [side.wall, side.wall + DEPTH[stretch.kind]].map((x) => camera.column(side.sign * x, z));
  const [from, to] = span(Math.min(...edges), Math.max(...edges), canvas.width);
  for (let x = from; x < to; x++) {
    const metres = Math.abs(((x + 0.5 - camera.center) * z) / camera.focal) - side.wall;
    paintColumn(canvas, camera, stretch, x, z, metres, 0.82);
  }
}

function paintFace(canvas: Canvas, camera: Camera, side: Side, stretch: Stretch): void {
  const edges = [stretch.near, stretch.far].map((z) => camera.column(side.sign * side.wall, z));
  const [from, to] = span(Math.min(...edges), Math.max(...edges), canvas.width);
  for (let x = from; x < to; x++) {
    const z = (camera.focal * side.wall) / Math.abs(x + 0.5 - camera.center);
    paintColumn(canvas, camera, stretch, x, z, z - stretch.near, 1);
  }
}

/** One pixel column of a stretch, `along` metres from where its face begins. */
function paintColumn(
  canvas: Canvas,
  camera: Camera,
  stretch: Stretch,
  x: number,
  z: number,
  along: number,
  shade: number,
): void {
  const { kind, seed } = stretch;
  const height = kind === 'hedge' ? stretch.height * (0.8 + 0.4 * smooth(along * 1.5, 0, seed)) : stretch.height;
  const color = scaleColor(stretch.color, shade);
  const [top, bottom] = span(camera.row(height, z), camera.row(0, z), canvas.height);
  const clear = canvas.clearness(z);
  const label = { building: CLASS.building, fence: CLASS.fence, hedge: CLASS.tree, open: CLASS.sky }[kind];
  for (let y = top; y < bottom; y++) {
    const up = camera.eye - ((y + 0.5 - camera.horizon) * z) / camera.focal;
    const glass = kind === 'building' ? windowAt(along, up, stretch) : undefined;
    canvas.put(x, y, glass ?? color, glass ? 0 : toneAt(stretch, x, y), label, 0, clear);
  }
}

function toneAt({ kind, bricks: bricked, seed }: Stretch, x: number, y: number): number {
  if (kind === 'fence') return planks(x, 3, seed);
  if (kind === 'hedge') return leaves(x, y, seed);
  return bricked ? bricks(x, y, seed) : plaster(x, y, seed);
}

/** The pane at a point of a facade: lit, dark or reflecting; undefined on the wall itself. */
function windowAt(along: number, up: number, { height, seed }: Stretch): Color | undefined {
  const [storey, bay] = [2.9, 2.2 + hash(1, 1, seed)];
  const [row, column] = [Math.floor(up / storey), Math.floor(along / bay)];
  if ((row + 1) * storey > height) return undefined;
  const [across, above] = [along / bay - column, up / storey - row];
  if (across < 0.28 || across > 0.74 || above < 0.3 || above > 0.82) return undefined;
  if (Math.abs(across - 0.51) < 0.025) return [206, 204, 198];
  const kind = hash(row, column, seed);
  if (kind < 0.12) return [206, 186, 128];
  return kind < 0.5 ? [52, 60, 70] : [92, 110, 128];
}
