import { join } from 'node:path';
import { sha256 } from '../common/files.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { decodeImage } from '../image/decode.js';
import { decodeLabelMap, encodeLabelMap } from '../image/labels.js';
import type { LabelMap, Pixels } from '../image/pixels.js';
import { readFile } from '../common/read-file.js';

/** One image or label map of a source: what it is now, and how to get at it where it is needed. */
export interface SourceFile<Content> {
  /** Where it comes from, for the manifest: its path in the source, or the sample's id in a procedural dataset. */
  from: string;
  /** SHA-256 of the file, or of the pixels in a procedural dataset. */
  hash: string;
  read(): Promise<Content>;
}

/** The clean image of a sample. */
export async function sourceImage(dataset: Dataset, sample: Sample): Promise<SourceFile<Pixels>> {
  if (dataset.readImageBytes) {
    const stored = await dataset.readImageBytes(sample);
    const path = join(dataset.root ?? '', sample.image);
    return { from: sample.image, hash: sha256(stored), read: () => decodeImage(stored, path) };
  }
  const pixels = await dataset.readImage(sample);
  return { from: sample.image || sample.id, hash: hashPlane(pixels), read: async () => pixels };
}

/**
 * The label file of a sample as it belongs into a list dataset, whose ids are the classes: the source's own bytes where they
 * hold these ids already, otherwise a gray PNG of them.
 */
export async function sourceLabel(dataset: Dataset, sample: Sample): Promise<SourceFile<Uint8Array>> {
  if (dataset.root === null || sample.label === '') {
    const label = await dataset.readLabel(sample);
    return { from: sample.label || sample.id, hash: hashPlane(label), read: async () => encodeLabelMap(label) };
  }
  const path = join(dataset.root, sample.label);
  const stored = await readFile(path).catch(async (error: unknown) => {
    // The dataset's own error says what to do about a missing file.
    await dataset.readLabel(sample);
    throw error;
  });
  return {
    from: sample.label,
    hash: sha256(stored),
    async read() {
      // Read whether or not it is needed: what is wrong with it is to come up here, not in training.
      const label = await dataset.readLabel(sample);
      if (dataset.storesClassIds?.(sample)) return stored;
      const { data } = await decodeLabelMap(stored, path);
      return Buffer.compare(data, label.data) === 0 ? stored : encodeLabelMap(label);
    },
  };
}

function hashPlane(plane: Pixels | LabelMap): string {
  const channels = 'channels' in plane ? plane.channels : 1;
  return sha256(Buffer.concat([Buffer.from(`${plane.width}x${plane.height}x${channels}:`), plane.data]));
}
