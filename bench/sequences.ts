import type { Dataset } from '../src/data/dataset.js';
import { openDataset } from '../src/data/registry.js';
import { findRecordings, sampleKey } from '../src/distort/recordings.js';
import type { Picture } from '../src/video/picture.js';
import { H264Decoder } from '../src/video/decoder.js';
import { H264Encoder } from '../src/video/encoder.js';
import { FRAME_RATE } from '../src/video/round-trip.js';

export interface SequenceRow {
  crf: number;
  /** 1: each frame alone. */
  gop: number;
  frames: number;
  /** Per frame, without a container. */
  bytes: number;
  /** dB, to the clean frames: the mean of all frames, and the worst. */
  psnr: number;
  worst: number;
}

export interface SequenceOptions {
  data: string;
  split: string;
  crfs: number[];
  gops: number[];
}

/** What a CRF means in a video: size and distance of the frames of a split's recordings, by how far key frames are apart. */
export async function benchSequences({ data, split, crfs, gops }: SequenceOptions): Promise<SequenceRow[]> {
  const recordings = await picturesOf(await openDataset(data), split);
  const rows: SequenceRow[] = [];
  for (const crf of crfs) {
    for (const gop of gops) {
      const streams = gop === 1 ? recordings.flat().map((picture) => [picture]) : recordings;
      const coded = await Promise.all(streams.map((pictures) => code(pictures, crf, gop)));
      const psnr = coded.flatMap((stream) => stream.psnr);
      rows.push({
        ...{ crf, gop, frames: psnr.length },
        bytes: coded.reduce((sum, { bytes }) => sum + bytes, 0) / psnr.length,
        psnr: psnr.reduce((sum, each) => sum + each, 0) / psnr.length,
        worst: Math.min(...psnr),
      });
    }
  }
  return rows;
}

async function picturesOf(dataset: Dataset, split: string): Promise<Picture[][]> {
  const found = await findRecordings(dataset);
  const own = new Set(dataset.samples(split).flatMap((sample) => found.get(sampleKey(sample)) ?? []));
  return Promise.all(
    [...own].map(({ frames }) => Promise.all(frames.map((frame) => dataset.readImage(frame) as Promise<Picture>))),
  );
}

async function code(
  pictures: readonly Picture[],
  crf: number,
  gop: number,
): Promise<{ bytes: number; psnr: number[] }> {
  const { width, height } = pictures[0]!;
  const encoder = await H264Encoder.open({ crf, gop, width, height, threads: 1, frameRate: FRAME_RATE });
  const decoder = await H264Decoder.open(encoder.library);
  const psnr: number[] = [];
  let bytes = 0;
  for (let at = 0; at <= pictures.length; at++) {
    const packets = await encoder.encode(pictures[at] ?? null, at / FRAME_RATE);
    for (const packet of packets) bytes += packet.size;
    const end = at === pictures.length ? [null] : [];
    for await (const { data } of decoder.decode([...packets, ...end]))
      psnr.push(psnrOf(data, pictures[psnr.length]!.data));
    for (const packet of packets) packet.free();
  }
  decoder.close();
  encoder.close();
  return { bytes, psnr };
}

function psnrOf(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / sum);
}
