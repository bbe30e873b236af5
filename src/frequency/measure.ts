import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadAdaptor } from '../adaptor/file.js';
import { withAdaptor } from '../adaptor/merge.js';
import { fail, GearnnError } from '../common/errors.js';
import { sha256, canonicalJson } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import { contentOf } from '../data/content.js';
import { openDataset } from '../data/registry.js';
import { sliceIds, type Slice } from '../data/slice.js';
import { loadSource, type SampleSource } from '../data/source.js';
import { CLEAN, parseLevel } from '../distort/level.js';
import { MANIFEST } from '../distort/manifest.js';
import { sourceAt } from '../distort/level-source.js';
import { requireCopies } from '../eval/prepared.js';
import { loadCheckpoint, networkOf, type Checkpoint } from '../models/checkpoint.js';
import type { Network } from '../models/network.js';
import { taskOf } from '../tasks/registry.js';
import type { Objective } from '../train/objectives/objective.js';
import { parseObjective } from '../train/objectives/registry.js';
import { frequencyResponse, type FrameSize, type FrequencyResponse } from './response.js';

export interface MeasureOptions {
  /** Folder of the base, or of any network. */
  checkpoint: string;
  /** Folder of an adaptor, which takes the place of the base's tensors. */
  adaptor?: string;
  /** Specification of the clean dataset. */
  data: string;
  samples: Slice;
  /** What the loss is, as `parseObjective` reads it. Default: `labels`. */
  objective?: string;
  /** Folder of the network whose answers on clean images `teacher` compares with. Default: the checkpoint without its adaptor. */
  teacher?: string;
  /** What is done to the images before the network sees them. Default: nothing. */
  level?: string;
  /** Folder that `gearnn distort` wrote: a level found there is read from it, others are distorted in memory. */
  prepared?: string;
  /** What all images must be. Default: as the first one. */
  size?: FrameSize;
  workers?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

/** A response, and what it is of. */
export interface Measurement extends FrequencyResponse {
  /** Of the network's whole state, adaptor included: SHA-256. */
  network: string;
  /** Canonical text of the level, `clean` for none. */
  level: string;
  /** Hash of the clean images and labels that it was measured on; undefined where there are only copies of them. */
  content?: string;
}

/**
 * The frequency response of a checkpoint, with an adaptor or without, on samples of a dataset.
 *
 * @throws E_USAGE for an objective that the measurement cannot be of, E_CHECKPOINT, E_ADAPTOR, E_ADAPTOR_BASE_MISMATCH, E_DISTORT_LEVEL, E_DATA_SPLIT, what `requireCopies` and what `frequencyResponse` throws
 */
export async function measureResponse(options: MeasureOptions): Promise<Measurement> {
  const { checkpoint, adaptor, data, samples, prepared, size, workers, progress, signal } = options;
  const loaded = await loadCheckpoint(checkpoint);
  const tuned = adaptor === undefined ? loaded : withAdaptor(loaded, await loadAdaptor(adaptor, loaded));
  const level = parseLevel(options.level ?? 'clean').text;
  if (prepared !== undefined) await requireCopies(prepared, data, [level], { parts: [samples], progress, signal });
  const source = sourceAt({ data, prepared }, level);
  const { split } = samples;
  const dataset = await loadSource(source);
  const ids = sliceIds(dataset, samples, 'samples');
  // Copies have been found to follow from the clean images: with them or without, a response is of the same.
  const isOwn = prepared !== undefined && !existsSync(join(prepared, level, MANIFEST));
  const seen = isOwn ? dataset : await openDataset(data);
  const chosen = seen.samples(split).slice(samples.start, samples.end);
  const content = await contentOf(seen, chosen, { progress, signal }).catch(allowMissing);
  const objective = parseObjective(options.objective ?? 'labels');
  const clean = sourceAt({ data }, CLEAN.text);
  const base = options.teacher === undefined ? loaded : await loadCheckpoint(options.teacher);
  if (!objective.needsTarget && level === CLEAN.text && base === tuned) failSame(objective.name);
  const response = await responseOf(tuned, {
    ...{ source, clean, split, samples: ids, size, workers, progress, signal },
    ...{ objective, teacher: base },
  });
  return { ...response, network: stateHash(tuned), level, content };
}

/** What the measurement of a checkpoint needs. */
export interface ResponseSamples {
  source: SampleSource;
  /** The same samples before they were distorted, for objectives that look at them. */
  clean?: SampleSource;
  /** Default: labels. */
  objective?: Objective;
  /** For objectives that have one. */
  teacher?: Checkpoint;
  split: string;
  /** Ids. */
  samples: string[];
  size?: FrameSize;
  workers?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

/** The frequency response of a checkpoint's network, by the loss of its task or another objective; what the samples ignore counts nowhere. */
export async function responseOf(
  checkpoint: Checkpoint,
  { teacher, ...samples }: ResponseSamples,
): Promise<FrequencyResponse> {
  const { ignore } = await loadSource(samples.source);
  const network = networkOf(checkpoint);
  try {
    const task = taskOf({ ...checkpoint.config, ignore });
    const makeTeacher = teacher && ((): Network => networkOf(teacher));
    return await frequencyResponse({ network, task, makeTeacher, ...samples });
  } finally {
    network.dispose();
  }
}

/** A network's answers are its own where it sees what its teacher sees: there is no loss, and no gradient. */
function failSame(objective: string): never {
  fail('E_USAGE', {
    where: `objective ${objective}`,
    expected: 'a level, an adaptor or another network as the teacher',
    got: 'the teacher itself on clean images, where the loss is 0',
    todo: 'Give --level, --adaptor or --teacher.',
  });
}

function allowMissing(error: unknown): undefined {
  if (!(error instanceof GearnnError && error.code === 'E_DATA_MISSING')) throw error;
}

function stateHash({ state }: Checkpoint): string {
  const tensors = [...state].map(([name, { shape, data }]) => {
    return [name, [...shape], sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
  });
  return sha256(canonicalJson(tensors));
}
