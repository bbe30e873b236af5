import { setTimeout } from 'node:timers/promises';
import { openDataset } from '../src/data/registry.js';
import { brightness } from '../src/distort/brightness.js';
import { BrightnessReference } from '../src/distort/detect/brightness.js';
import { ijgTables } from '../src/distort/detect/ijg.js';
import { detectJpeg } from '../src/distort/detect/jpeg.js';
import { readJpegTables } from '../src/distort/detect/jpeg-tables.js';
import { decodeImage } from '../src/image/decode.js';
import type { Pixels } from '../src/image/pixels.js';
import { jpegEncoders, type Encoder } from './jpeg-encoders.js';
import { median } from './peer.js';

export interface SingleRow {
  encoder: string;
  files: number;
  /** Share whose quality is read exactly; null where the encoder counts quality otherwise. */
  exact: number | null;
  confidence: number;
  /** Mean difference from the IJG quality that loses as much luminance (equal mean square error). */
  difference: number;
  /** The same for a fit of the steps themselves instead of their logarithms. */
  differencePlain: number;
  /** Files wrongly taken for compressed twice. */
  falseAlarms: number;
}

export interface DoubleRow {
  first: string;
  second: string;
  files: number;
  /** Share taken for compressed twice. */
  found: number;
  /** Share read within 1 of the first quality. */
  within1: number;
  /** Share read more than 2 below the first quality. */
  tooLow: number;
}

export interface DetectionResult {
  data: string;
  pictures: number;
  single: SingleRow[];
  double: DoubleRow[];
  /** Found and within 1 of the first, per first and second quality, both by sharp. */
  grid: { first: number; second: number; found: number; within1: number }[];
  timing: { what: string; milliseconds: number; ofDecode: number }[];
  brightness: { factor: number; same: number; later: number }[];
}

export interface DetectionOptions {
  /** Specification of the pictures, which must never have been JPEG files. */
  data: string;
  pictures: number;
}

const QUALITIES = Array.from({ length: 100 }, (_, i) => i + 1);
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

async function once(encoder: Encoder, pictures: Pixels[], losses: number[][]): Promise<SingleRow> {
  const [exact, confidence, difference, plain]: number[][] = [[], [], [], []];
  let falseAlarms = 0;
  for (const setting of encoder.settings) {
    const files = await encoder.save(pictures, setting);
    for (const [i, bytes] of files.entries()) {
      const pixels = await decodeImage(bytes, encoder.name);
      const found = detectJpeg({ bytes, pixels })!;
      if (found.from === 'history') falseAlarms++;
      const tables = detectJpeg({ bytes })!;
      exact!.push(tables.quality === setting ? 1 : 0);
      confidence!.push(tables.confidence);
      const equal = encoder.ijg ? setting : equalQuality(losses[i]!, loss(pictures[i]!, pixels));
      difference!.push(Math.abs(tables.quality - equal));
      plain!.push(Math.abs(plainQuality(bytes) - equal));
    }
    await setTimeout();
  }
  return {
    encoder: encoder.name,
    files: exact!.length,
    exact: encoder.ijg ? mean(exact!) : null,
    confidence: mean(confidence!),
    difference: mean(difference!),
    differencePlain: mean(plain!),
    falseAlarms,
  };
}

/** First at 5 to 50, then at 75 to 95 or what loses about as little. */
async function twice(first: Encoder, second: Encoder, pictures: Pixels[]): Promise<DoubleRow> {
  const results: { found: number; within1: number; tooLow: number; files: number }[] = [];
  for (const quality of [5, 10, 20, 30, 50]) {
    const decoded = await decodeAll(await first.save(pictures, quality));
    for (const setting of second.name === 'ffmpeg' ? [6, 4, 2] : [75, 85, 95]) {
      results.push({ files: decoded.length, ...score(await detectAll(await second.save(decoded, setting)), quality) });
    }
  }
  return {
    first: first.name,
    second: second.name,
    files: results.reduce((sum, { files }) => sum + files, 0),
    found: mean(results.map(({ found }) => found)),
    within1: mean(results.map(({ within1 }) => within1)),
    tooLow: mean(results.map(({ tooLow }) => tooLow)),
  };
}

type Detections = NonNullable<ReturnType<typeof detectJpeg>>[];

async function detectAll(files: Uint8Array[]): Promise<Detections> {
  const found: Detections = [];
  for (const bytes of files) found.push(detectJpeg({ bytes, pixels: await decodeImage(bytes, 'bench') })!);
  return found;
}

function score(found: Detections, first: number): { found: number; within1: number; tooLow: number } {
  const earlier = found.filter(({ from }) => from === 'history');
  const share = (test: (quality: number) => boolean): number =>
    earlier.filter(({ quality }) => test(quality)).length / found.length;
  return {
    found: earlier.length / found.length,
    within1: share((quality) => Math.abs(quality - first) <= 1),
    tooLow: share((quality) => quality < first - 2),
  };
}

const decodeAll = (files: Uint8Array[]): Promise<Pixels[]> =>
  Promise.all(files.map((bytes) => decodeImage(bytes, 'bench')));

/** Mean square error of the luminance. */
function loss(a: Pixels, b: Pixels): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i += 3) {
    const red = a.data[i]! - b.data[i]!;
    const green = a.data[i + 1]! - b.data[i + 1]!;
    const blue = a.data[i + 2]! - b.data[i + 2]!;
    sum += (0.299 * red + 0.587 * green + 0.114 * blue) ** 2;
  }
  return sum / (a.data.length / 3);
}

/** The loss of a picture at each quality 1..100. */
async function lossPerQuality(picture: Pixels, encoder: Encoder): Promise<number[]> {
  const losses: number[] = [];
  for (const quality of QUALITIES) {
    const [bytes] = await encoder.save([picture], quality);
    losses.push(loss(picture, await decodeImage(bytes!, 'bench')));
  }
  return losses;
}

function equalQuality(losses: number[], wanted: number): number {
  const apart = (quality: number): number => Math.abs(Math.log(losses[quality - 1]! / wanted));
  return QUALITIES.reduce((best, quality) => (apart(quality) < apart(best) ? quality : best));
}

/** Least squares of the steps themselves, what `jpegQuality` would be without logarithms. */
function plainQuality(bytes: Uint8Array): number {
  const { luminance } = readJpegTables(bytes)!;
  const error = (quality: number): number => {
    const reference = ijgTables(quality).luminance;
    return luminance.reduce((sum, step, i) => sum + (step - reference[i]!) ** 2, 0);
  };
  const errors = QUALITIES.map(error);
  return 1 + errors.indexOf(Math.min(...errors));
}

/** Medians over the pictures, three rounds, in turns with decoding. */
async function timings(pictures: Pixels[], sharp: Encoder): Promise<DetectionResult['timing']> {
  const onceFiles = await sharp.save(pictures, 90);
  const twiceFiles = await sharp.save(await decodeAll(await sharp.save(pictures, 10)), 95);
  const reference = new BrightnessReference();
  reference.add(pictures[0]!);
  const times = { decode: [], tables: [], once: [], twice: [], brightness: [] } as Record<string, number[]>;
  const timed = <T>(name: string, run: () => T): T => {
    const start = performance.now();
    const result = run();
    times[name]!.push(performance.now() - start);
    return result;
  };
  for (let round = 0; round < 3; round++) {
    for (const [i, bytes] of onceFiles.entries()) {
      const start = performance.now();
      const pixels = await decodeImage(bytes, 'bench');
      times['decode']!.push(performance.now() - start);
      timed('tables', () => detectJpeg({ bytes }));
      timed('once', () => detectJpeg({ bytes, pixels }));
      timed('brightness', () => reference.detect(pixels));
      const other = await decodeImage(twiceFiles[i]!, 'bench');
      timed('twice', () => detectJpeg({ bytes: twiceFiles[i]!, pixels: other }));
    }
  }
  const decode = median(times['decode']!);
  return Object.entries(times).map(([what, values]) => {
    const milliseconds = median(values);
    return { what, milliseconds, ofDecode: milliseconds / decode };
  });
}

/** The factor read, as a share of the true one: of a frame among those that made the reference, and of one a minute later. */
async function brightnessRows(frames: Pixels[]): Promise<DetectionResult['brightness']> {
  const reference = new BrightnessReference();
  for (const frame of frames.slice(0, 5)) reference.add(frame);
  const rows: DetectionResult['brightness'] = [];
  for (const factor of [0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 3, 5]) {
    const read = async (some: Pixels[]): Promise<number> => {
      const shares: number[] = [];
      for (const frame of some) {
        shares.push((reference.detect(await brightness.apply(frame, factor))?.factor ?? Number.NaN) / factor);
      }
      return median(shares);
    };
    rows.push({ factor, same: await read(frames.slice(0, 5)), later: await read(frames.slice(-5)) });
  }
  return rows;
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
