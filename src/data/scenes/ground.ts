import type { Camera } from './camera.js';
import type { Canvas, Color } from './canvas.js';
import { CLASS } from './classes.js';
import { smooth } from './noise.js';
import type { Plan } from './plan.js';
import { asphalt, grass, paving } from './textures.js';

const MARKING: Color = [196, 196, 190];
const KERB: Color = [166, 164, 160];

/** Everything above the horizon: a gradient with soft clouds. */
export function paintSky(canvas: Canvas, camera: Camera, { sky, seed }: Plan): void {
  for (let y = 0; y < Math.min(camera.horizon, canvas.height); y++) {
    const low = y / camera.horizon;
    const color = sky.top.map((top, c) => top * (1 - low) + sky.bottom[c]! * low) as [number, number, number];
    for (let x = 0; x < canvas.width; x++) {
      const cloud = smooth((6 * x) / canvas.width, (9 * y) / canvas.height, seed) - 0.45;
      canvas.put(x, y, color, Math.max(0, cloud) * sky.clouds, CLASS.sky, 0, 1);
    }
  }
}

/** Everything below the horizon: road, strips along it, a crossing street and the markings. */
export function paintGround(canvas: Canvas, camera: Camera, plan: Plan): void {
  const { road, crossing, sides, seed } = plan;
  for (let y = Math.max(0, camera.horizon); y < canvas.height; y++) {
    const z = camera.distance(y);
    const clear = canvas.clearness(z);
    const crossed = crossing !== undefined && z > crossing.near && z < crossing.far;
    for (let x = 0; x < canvas.width; x++) {
      const metres = ((x + 0.5 - camera.center) * z) / camera.focal;
      const off = Math.abs(metres);
      const side = sides[metres < 0 ? 0 : 1];
      if (off < side.kerb || crossed) {
        const color = isMarking(metres, z, crossed, plan) ? MARKING : road.color;
        canvas.put(x, y, color, asphalt(x, y, seed), CLASS.road, 0, clear);
      } else if (road.kerbs && off < side.kerb + 0.18) {
        canvas.put(x, y, KERB, 0, CLASS.pavement, 0, clear);
      } else if (side.ground[off < side.strip ? 0 : 1] === 'grass') {
        canvas.put(x, y, plan.grass, grass(x, y, seed), CLASS.grass, 0, clear);
      } else {
        const tone = paving(metres, z, x, y, camera.scale(z), seed);
        canvas.put(x, y, plan.pavement, tone, CLASS.pavement, 0, clear);
      }
    }
  }
}

/** A broken line in the middle, and bars across before a crossing. */
function isMarking(metres: number, z: number, crossed: boolean, { road, crossing }: Plan): boolean {
  if (!road.marked || crossed) return false;
  if (crossing && z > crossing.near - 3 && z < crossing.near - 0.5) return (metres + 50) % 1 < 0.5;
  return Math.abs(metres - road.middle) < 0.09 && z % 6 < 3;
}
