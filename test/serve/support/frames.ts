import sharp from 'sharp';
import { openDataset } from '../../../src/data/registry.js';
import { nativeBackend } from '../../../src/engine/native.js';
import type { Pixels } from '../../../src/image/pixels.js';
import type { Inference } from '../../../src/serve/inference.js';

export const jpeg = (pixels: Pixels, quality: number): Promise<Uint8Array> =>
  sharp(pixels.data, { raw: { width: pixels.width, height: pixels.height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer();

export async function scene(): Promise<Pixels> {
  const dataset = await openDataset('scenes:7');
  return dataset.readImage(dataset.samples('val')[0]!);
}

export function crop({ data, width }: Pixels, tall: number, wide: number): Pixels {
  const out = new Uint8Array(tall * wide * 3);
  for (let y = 0; y < tall; y++) out.set(data.subarray(y * width * 3, (y * width + wide) * 3), y * wide * 3);
  return { data: out, width: wide, height: tall, channels: 3 };
}

/** Pixels in which two answers differ. */
export const differing = (a: Inference, b: Inference): number =>
  a.mask.reduce((count, id, i) => count + (id === b.mask[i] ? 0 : 1), 0);

/** Counts the native graphs that are loaded while `use` runs, and how often graphs run. */
export async function graphsIn(use: () => Promise<void>): Promise<{ loaded: number; runs: number }> {
  const backend = nativeBackend()!;
  const { binding } = backend;
  const counts = { loaded: 0, runs: 0 };
  const listeners: Pick<typeof binding, 'loadSavedModel' | 'runSavedModel'> = {
    loadSavedModel: (...args) => {
      counts.loaded++;
      return binding.loadSavedModel(...args);
    },
    runSavedModel: (...args) => {
      counts.runs++;
      return binding.runSavedModel(...args);
    },
  };
  // The addon's own functions are read-only, so they are shadowed, not assigned.
  backend.binding = Object.create(binding, Object.getOwnPropertyDescriptors(listeners)) as typeof binding;
  try {
    await use();
  } finally {
    backend.binding = binding;
  }
  return counts;
}

export const same = (a: Inference, b: Inference): boolean => Buffer.compare(a.mask, b.mask) === 0;
