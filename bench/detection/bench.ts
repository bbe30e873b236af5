import { openDataset } from '../../src/data/registry.js';
import type { Pixels } from '../../src/image/pixels.js';
import { brightnessRows, type BrightnessRow } from './brightness.js';
import { decodeAll, detectAll, score } from './earlier.js';
import { jpegEncoders } from './jpeg-encoders.js';
import { lossPerQuality } from './loss.js';
import { once, type SingleRow } from './once.js';
import { timings, type TimingRow } from './timings.js';
import { twice, type DoubleRow } from './twice.js';

export interface DetectionResult {
  data: string;
  pictures: number;
  single: SingleRow[];
  double: DoubleRow[];
  /** Found and within 1 of the first, per first and second quality, both by sharp. */
  grid: { first: number; second: number; found: number; within1: number }[];
  timing: TimingRow[];
  brightness: BrightnessRow[];
}

export interface DetectionOptions {
  /** Specification of the pictures, which must never have been JPEG files. */
  data: string;
  pictures: number;
}

const FIRST = [3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 85, 90];
const SECOND = [10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 98, 100];

/** How well detection does on files of several encoders, once and twice compressed. */
export async function benchDetection({ data, pictures: count }: DetectionOptions): Promise<DetectionResult> {
  const { all, pictures } = await readPictures(data, count);
  const encoders = jpegEncoders();
  const sharp = encoders[0]!;
  const losses = await Promise.all(pictures.map((picture) => lossPerQuality(picture, sharp)));
  const single: SingleRow[] = [];
  for (const encoder of encoders) single.push(await once(encoder, pictures, losses));

  const grid: DetectionResult['grid'] = [];
  for (const first of FIRST) {
    const decoded = await decodeAll(await sharp.save(pictures, first));
    for (const second of SECOND.filter((quality) => quality > first)) {
      grid.push({ first, second, ...score(await detectAll(await sharp.save(decoded, second)), first) });
    }
  }
  const double: DoubleRow[] = [];
  for (const first of encoders.filter(({ ijg }) => ijg)) double.push(await twice(first, sharp, pictures));
  for (const second of encoders.slice(1)) double.push(await twice(sharp, second, pictures));

  return {
    data,
    pictures: pictures.length,
    single,
    double,
    grid,
    timing: await timings(pictures, sharp),
    brightness: await brightnessRows(all),
  };
}

/** Evenly spread over the split, beside all of it for brightness, whose frames follow each other. */
async function readPictures(data: string, count: number): Promise<{ all: Pixels[]; pictures: Pixels[] }> {
  const dataset = await openDataset(data);
  const samples = dataset.samples('val');
  const at = (i: number, of: number) => dataset.readImage(samples[Math.floor((i * samples.length) / of)]!);
  const few = Math.min(count, samples.length);
  const pictures = await Promise.all(Array.from({ length: few }, (_, i) => at(i, few)));
  return { all: await Promise.all(samples.slice(0, 60).map((sample) => dataset.readImage(sample))), pictures };
}
