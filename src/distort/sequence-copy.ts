import type { Dataset, Sample } from '../data/dataset.js';
import type { Target } from './copy.js';
import type { Huffman } from '../image/encode.js';
import { distortSequence, encodeDistorted } from './distort.js';
import { codesSequences, levelOf } from './level.js';
import { findRecordings, sampleKey, type Recording, requireRecordings } from './recordings.js';

/** A recording at a level that codes sequences, and where its samples' images go. */
export interface SequenceCopy {
  recording: Recording;
  target: Target;
  /** Paths by what names the sample. */
  paths: Map<string, string>;
}

/** @throws E_DISTORT_SEQUENCE where a sample that a level is to code with its neighbours has none */
export async function sequenceCopiesOf(dataset: Dataset, targets: readonly Target[]): Promise<SequenceCopy[]> {
  const coded = targets.filter(({ folder }) => codesSequences(folder.level));
  if (coded.length === 0) return [];
  const copies: SequenceCopy[] = [];
  const recordings = await findRecordings(dataset);
  for (const target of coded) {
    const samples = target.plan.map(({ sample }) => sample);
    requireRecordings(dataset, recordings, samples, target.folder.level);
    const paths = new Map<Recording, SequenceCopy['paths']>();
    for (const { sample, image } of target.plan) {
      const recording = recordings.get(sampleKey(sample))!;
      const known = paths.get(recording) ?? new Map<string, string>();
      paths.set(recording, known.set(sampleKey(sample), image));
    }
    for (const [recording, images] of paths) copies.push({ recording, target, paths: images });
  }
  return copies;
}

/**
 * Brings a recording's images up to date. Where any of them is not right the whole recording is coded again, and that one written.
 *
 * @param onFile called after each image
 * @param signal stops after the image under way
 */
export async function bringSequenceUpToDate(
  { recording, target, paths }: SequenceCopy,
  onFile: () => void,
  { huffman, signal }: { huffman?: Huffman; signal?: AbortSignal } = {},
): Promise<void> {
  const missing = new Map<Sample, { path: string; hash: string }>();
  for (const frame of recording.frames) {
    const path = paths.get(sampleKey(frame));
    if (path === undefined) continue;
    const hash = await recording.hashOf(frame);
    if (await target.folder.isRight(path, hash)) {
      target.kept++;
      onFile();
    } else missing.set(frame, { path, hash });
  }
  if (missing.size === 0) return;
  const { steps } = target.folder.level;
  // What comes after the last codec of sequences is done to the images that are written alone.
  const end = steps.findLastIndex(({ gop }) => gop !== undefined) + 1;
  const [coded, after] = [levelOf(steps.slice(0, end)), levelOf(steps.slice(end))];
  let at = 0;
  for await (const pixels of distortSequence(recording.pictures(), coded, recording.where)) {
    signal?.throwIfAborted();
    const frame = recording.frames[at++]!;
    const place = missing.get(frame);
    if (!place) continue;
    const from = sampleKey(frame);
    await target.folder.put(place.path, from, place.hash, await encodeDistorted(pixels, after, from, huffman));
    target.written++;
    onFile();
    missing.delete(frame);
    if (missing.size === 0) return;
  }
}
