import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jpegJs from 'jpeg-js';
import sharp from 'sharp';
import { packageRoot } from '../../src/common/package-root.js';
import { QUALITIES } from '../../src/distort/detect/ijg.js';
import type { Pixels } from '../../src/image/pixels.js';
import { peerPython } from '../peer.js';

/** A program that writes JPEG files. */
export interface Encoder {
  name: string;
  /** From the worst to the best: qualities 1..100, or ffmpeg's quantizers 31..2. */
  settings: readonly number[];
  /** Whether a setting is a quality whose tables are the IJG's. */
  ijg: boolean;
  save(pictures: readonly Pixels[], setting: number): Promise<Uint8Array[]>;
}

/** Those that are installed: sharp, mozjpeg (inside sharp) and jpeg-js always, Pillow and ffmpeg where they are found. */
export function jpegEncoders(): Encoder[] {
  const encoders: Encoder[] = [
    { name: 'sharp', settings: QUALITIES, ijg: true, save: bySharp(false) },
    { name: 'jpeg-js', settings: QUALITIES, ijg: true, save: byJpegJs },
    { name: 'mozjpeg', settings: QUALITIES, ijg: false, save: bySharp(true) },
  ];
  const python = peerPython('PIL');
  const script = join(packageRoot(), 'bench', 'peers', 'jpeg_pillow.py');
  if (python) {
    const pillow = (folder: string, quality: number) => execFileSync(python, [script, folder, String(quality)]);
    encoders.push({ name: 'Pillow', settings: QUALITIES, ijg: true, save: throughFiles(pillow) });
  }
  if (isInstalled('ffmpeg')) {
    const ffmpeg = (folder: string, quantizer: number) =>
      execFileSync('ffmpeg', [
        ...['-v', 'error', '-i', join(folder, '%d.ppm'), '-pix_fmt', 'yuvj420p', '-c:v', 'mjpeg'],
        ...['-q:v', String(quantizer), '-start_number', '0', join(folder, '%d.jpg')],
      ]);
    const settings = Array.from({ length: 30 }, (_, i) => 31 - i);
    encoders.push({ name: 'ffmpeg', settings, ijg: false, save: throughFiles(ffmpeg) });
  }
  return encoders;
}

function bySharp(mozjpeg: boolean): Encoder['save'] {
  return (pictures, quality) =>
    Promise.all(
      pictures.map(({ data, width, height, channels }) =>
        sharp(data, { raw: { width, height, channels } })
          .jpeg({ quality, mozjpeg, chromaSubsampling: '4:2:0' })
          .toBuffer(),
      ),
    );
}

async function byJpegJs(pictures: readonly Pixels[], quality: number): Promise<Uint8Array[]> {
  return pictures.map(({ data, width, height }) => {
    const rgba = Buffer.alloc(width * height * 4, 255);
    for (let i = 0; i < width * height; i++) rgba.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
    return jpegJs.encode({ data: rgba, width, height }, quality).data;
  });
}

/** @param run writes a `.jpg` beside each `.ppm` of a folder */
function throughFiles(run: (folder: string, setting: number) => void): Encoder['save'] {
  return async (pictures, setting) => {
    const folder = mkdtempSync(join(tmpdir(), 'gearnn-bench-'));
    try {
      pictures.forEach(({ data, width, height }, i) =>
        writeFileSync(join(folder, `${i}.ppm`), Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), data])),
      );
      run(folder, setting);
      return pictures.map((_, i) => readFileSync(join(folder, `${i}.jpg`)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
