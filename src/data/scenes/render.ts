import type { InstanceMap, LabelMap, Pixels } from '../../image/pixels.js';
import type { Size } from '../../image/resize.js';
import { Camera } from './camera.js';
import { Canvas } from './canvas.js';
import { paintGround, paintSky } from './ground.js';
import { hash } from './noise.js';
import type { Plan } from './plan.js';
import { paintThing } from './things.js';
import { paintWalls } from './walls.js';

export interface Scene {
  image: Pixels;
  label: LabelMap;
  instances: InstanceMap;
}

/** The picture of a street, with the class and the object of every pixel; a few milliseconds at 128x256. */
export function renderScene(plan: Plan, { width, height }: Size): Scene {
  const canvas = new Canvas(width, height, plan.sky.bottom);
  const camera = new Camera(width, height, plan.eye, plan.aim);
  paintSky(canvas, camera, plan);
  paintGround(canvas, camera, plan);
  for (const side of plan.sides) paintWalls(canvas, camera, side);
  let objects = 0;
  for (const thing of plan.things) {
    const counted = thing.kind === 'car' || thing.kind === 'person';
    paintThing(canvas, camera, thing, counted ? ++objects : 0);
  }
  return {
    image: { data: develop(canvas, plan), width, height, channels: 3 },
    label: { data: canvas.labels, width, height },
    instances: { data: canvas.instances, width, height },
  };
}

/** The light of the day and the sensor's own noise. */
function develop({ rgb, width }: Canvas, { light, seed }: Plan): Uint8Array {
  const data = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i++) {
    const grain = (hash(i % (width * 3), Math.floor(i / (width * 3)), seed + 1) - 0.5) * 5;
    data[i] = Math.min(255, Math.max(0, Math.round(rgb[i]! * light[i % 3]! + grain)));
  }
  return data;
}
