import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { distort } from '../../src/distort/distort.js';
import { CLEAN, parseLevel } from '../../src/distort/level.js';
import { startEngine } from '../../src/engine/start.js';
import { blendClasses } from '../../src/image/blend.js';
import { drawCaption } from '../../src/image/caption.js';
import type { Pixels } from '../../src/image/pixels.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';

const DATA = 'scenes:7';
/** Which of the scenes to validate on. */
const SCENE = 5;
/** Gray that stands out from a white page and from a black one. */
const GRAY = 128;
const GAP = 4;
/** Letters of a title are enlarged by this. */
const ZOOM = 2;
/** Rows of `drawCaption`'s box, before they are enlarged. */
const [BOX_TOP, BOX_ROWS] = [3, 13];

/**
 * README's picture, a row per level: the scene at that level, and the masks of the demo network alone and with the level's adaptor. Before
 * them stand the scene as it is, and its true classes.
 *
 * WebAssembly computes it, so that it is the same on every machine.
 *
 * @param root of the checkout
 */
export async function levelsPicture(root: string): Promise<Pixels> {
  await startEngine({ engine: 'wasm' });
  const checkpoint = join(root, 'checkpoints/demo');
  const runner = await AdaptiveRunner.load({ checkpoint, adaptors: join(checkpoint, 'adaptors') });
  const colors = runner.describe().classes.map(({ color }) => color);
  const dataset = await openDataset(DATA);
  const sample = dataset.samples('val')[SCENE]!;
  const scene = await dataset.readImage(sample);
  const truth = blendClasses(scene, await dataset.readLabel(sample), colors, 1);
  const maskAt = async (frame: Pixels, level: string): Promise<Pixels> => {
    const { mask, width, height } = await runner.infer(frame, { level });
    return blendClasses(frame, { data: mask, width, height }, colors, 1);
  };
  const rows: Pixels[] = [];
  for (const { level, first } of [
    { level: 'jpeg=5', first: titled(scene, 'scene') },
    { level: 'brightness=0.3', first: titled(truth, 'true classes') },
  ]) {
    const distorted = await distort(scene, parseLevel(level), 'scene');
    const [original, adapted] = [await maskAt(distorted, CLEAN.text), await maskAt(distorted, level)];
    rows.push(beside([first, titled(distorted, level), titled(original, 'original'), titled(adapted, 'adaptor')]));
  }
  runner.dispose();
  return below(rows, GAP);
}

/** A picture under a black line with its title. */
function titled(picture: Pixels, title: string): Pixels {
  const line = plain(picture.width / ZOOM, BOX_TOP + BOX_ROWS, 0);
  drawCaption(line, title);
  return below([enlarged(line, BOX_TOP), picture], 0);
}

/** Every pixel of the rows from `top` on as a square of `ZOOM` pixels. */
function enlarged({ data, width, height }: Pixels, top: number): Pixels {
  const large = plain(width * ZOOM, (height - top) * ZOOM, 0);
  for (let y = 0, to = 0; y < large.height; y++) {
    for (let x = 0; x < large.width; x++, to += 3) {
      const from = ((top + Math.floor(y / ZOOM)) * width + Math.floor(x / ZOOM)) * 3;
      large.data.set(data.subarray(from, from + 3), to);
    }
  }
  return large;
}

function beside(pictures: Pixels[]): Pixels {
  const { width, height } = pictures[0]!;
  const whole = plain(pictures.length * (width + GAP) - GAP, height, GRAY);
  for (const [i, { data }] of pictures.entries()) {
    for (let y = 0; y < height; y++) {
      const row = data.subarray(y * width * 3, (y + 1) * width * 3);
      whole.data.set(row, (y * whole.width + i * (width + GAP)) * 3);
    }
  }
  return whole;
}

function below(pictures: Pixels[], gap: number): Pixels {
  const { width } = pictures[0]!;
  const height = pictures.reduce((sum, picture) => sum + picture.height + gap, -gap);
  const whole = plain(width, height, GRAY);
  let top = 0;
  for (const { data, height: rows } of pictures) {
    whole.data.set(data, top * width * 3);
    top += rows + gap;
  }
  return whole;
}

function plain(width: number, height: number, gray: number): Pixels {
  return { data: new Uint8Array(width * height * 3).fill(gray), width, height, channels: 3 };
}
