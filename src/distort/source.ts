import { fail } from '../common/errors.js';
import type { Dataset } from '../data/dataset.js';
import { deriveDataset } from '../data/derive.js';
import { openDataset } from '../data/registry.js';
import { openSource, type SampleSource } from '../data/source.js';
import { distort, resizes } from './distort.js';
import { codesSequences, parseLevel, type Level } from './level.js';

/** What a worker thread needs to open a dataset at a level. */
interface SourceArguments {
  spec: string;
  level: string;
}

/**
 * A dataset whose images are distorted in memory as they are read, for threads to open.
 *
 * @param spec the clean dataset
 * @throws E_DISTORT_SEQUENCE for a level that codes sequences, which has to be prepared
 */
export function distortedSource(spec: string, level: Level): SampleSource {
  if (level.steps.length === 0) return openSource(spec);
  refuseSequences(level, spec);
  const args: SourceArguments = { spec, level: level.text };
  return { module: import.meta.url, args };
}

/**
 * The same dataset at a level: samples and labels are its own, images are distorted as they are read.
 *
 * @returns `dataset` itself for `clean`; otherwise one without `readImageBytes`, as there are no files
 * @throws E_DISTORT_SEQUENCE for a level that codes sequences, which has to be prepared
 */
export function distortDataset(dataset: Dataset, level: Level): Dataset {
  if (level.steps.length === 0) return dataset;
  refuseSequences(level, dataset.spec);
  return deriveDataset(dataset, {
    readImage: async (sample) => distort(await dataset.readImage(sample), level, sample.image || sample.id),
    readImageBytes: undefined,
    recordings: undefined,
    resized: resizes(level) || dataset.resized,
  });
}

/** Each picture would take the encoding of all that belong to its sequence. */
function refuseSequences(level: Level, spec: string): void {
  if (!codesSequences(level)) return;
  fail('E_DISTORT_SEQUENCE', {
    where: level.text,
    expected: 'a prepared copy of the data, since sequences are coded as a whole',
    got: 'images to distort one by one',
    todo: `Run gearnn distort --data ${spec} --level ${level.text} --subset SUBSET --out DIR, and give --prepared DIR.`,
  });
}

/** Called by the thread that opens the source. */
export default async function open(args: unknown): Promise<Dataset> {
  const { spec, level } = args as SourceArguments;
  return distortDataset(await openDataset(spec), parseLevel(level));
}
