import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../common/files.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { findRecordings, sampleKey, type Recording } from '../distort/recordings.js';

/** Which samples are frames of recordings. */
export interface KnownRecordings {
  /** By what names a frame; samples without neighbours are not among them. */
  found: ReadonlyMap<string, Recording>;
  /** Of the recordings that the samples are out of. */
  hash: string;
}

/**
 * Finds the recordings of samples. Their hash is of the names and sizes of all their frames, in order: labelled frames have their content
 * hashed besides, and the others, of which Cityscapes has 300 GB, are not read for it.
 */
export async function knownRecordings(dataset: Dataset, samples: readonly Sample[]): Promise<KnownRecordings> {
  const found = await findRecordings(dataset);
  const own = new Set(samples.flatMap((sample) => found.get(sampleKey(sample)) ?? []));
  const described = await Promise.all([...own].map(({ frames }) => describe(dataset, frames)));
  return { found, hash: sha256(canonicalJson(described)) };
}

async function describe(dataset: Dataset, frames: readonly Sample[]): Promise<[name: string, size: number][]> {
  const described: [string, number][] = [];
  for (const frame of frames) described.push([sampleKey(frame), await sizeOf(dataset, frame)]);
  return described;
}

/** The dataset's own error, which says what to do, where the file is missing. */
async function sizeOf(dataset: Dataset, frame: Sample): Promise<number> {
  if (dataset.root === null) return 0;
  try {
    return (await stat(join(dataset.root, frame.image))).size;
  } catch (error) {
    await dataset.readImage(frame);
    throw error;
  }
}
