import { join } from 'node:path';
import { sha256File } from '../../common/files.js';
import { sliceIds, type Slice } from '../../data/slice.js';
import { loadSource } from '../../data/source.js';
import { summarizeResponse, type ResponseSummary } from '../../frequency/bands.js';
import { RESPONSE, writeMap } from '../../frequency/files.js';
import { responseOf } from '../../frequency/measure.js';
import type { Step } from '../graph.js';
import { placeOf, type LevelImages } from '../images.js';
import type { StepKind } from '../step-kinds.js';
import { frequencyWorkload } from '../work/frequency.js';
import { candidateIdentity, loadCandidate, type Candidate } from './evaluate.js';
import type { Evaluator } from './score.js';

/** A response in numbers; its maps are files. */
export type FrequencyOutput = {
  hash: string;
  width: number;
  height: number;
  images: number;
  loss: number;
} & { [name in keyof ResponseSummary]: ResponseSummary[name] };

export interface FrequencyTarget {
  candidate: Candidate;
  /** Level that the network is for, for the step's name. */
  level: string;
  /** What the network sees. */
  images: LevelImages;
  /** Positions among the images. */
  part: Pick<Slice, 'start' | 'end'>;
}

/** Measures a network's frequency response; its four maps go into the step's folder at full size. */
export function frequencyStep(target: FrequencyTarget, { engine, workers }: Evaluator): Step<FrequencyOutput> {
  const { candidate, level, images, part } = target;
  // Always in fp32, whatever the experiment's precision.
  const { settings, inputs } = candidateIdentity(candidate, images, { ...engine, precision: 'fp32' });
  return {
    id: `frequency ${candidate.name} ${level} on ${images.level.text}`,
    kind: 'frequency' satisfies StepKind,
    version: 1,
    settings: { ...settings, part: [part.start, part.end ?? null] },
    inputs,
    workloads: [frequencyWorkload(candidate.base, images, (part.end ?? images.count) - part.start)],
    async run(context) {
      const { source, slice } = placeOf(images, context, part);
      const samples = sliceIds(await loadSource(source), slice, 'frequency.samples');
      const { progress, signal } = context;
      const checkpoint = await loadCandidate(candidate, context);
      const options = { source, split: slice.split, samples, workers, progress, signal };
      const { together, red, green, blue, loss } = await responseOf(checkpoint, options);
      const maps = { [RESPONSE]: together, 'response-r': red, 'response-g': green, 'response-b': blue };
      for (const [file, map] of Object.entries(maps)) await writeMap(join(context.folder, file), map);
      const hash = await sha256File(join(context.folder, `${RESPONSE}.npy`));
      const { width, height } = together;
      return { output: { hash, width, height, images: samples.length, loss, ...summarizeResponse(together) } };
    },
  };
}
