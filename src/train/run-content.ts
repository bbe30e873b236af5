import { canonicalJson, sha256 } from '../common/files.js';
import { contentOf } from '../data/content.js';
import type { Dataset } from '../data/dataset.js';
import { formatSlice, sliceIds, type Slice } from '../data/slice.js';
import { loadSource, type SampleSource } from '../data/source.js';
import type { Preprocessing } from '../models/preprocessing.js';
import type { RunIdentity } from './identity.js';
import { inVariants, type RunOptions, trainingSamples } from './run-options.js';

/** What of a run says which samples it looks at. */
export interface LookedAt {
  options: RunOptions;
  variants?: number;
  mixture?: readonly string[];
  clean?: SampleSource;
}

/**
 * What the outcome depends on beside options, by content: images and labels trained on and measured on, and what the network sees of them.
 * Names of files do not tell: another dataset has the same, and labels are mended in place.
 */
export async function contentIdentity(
  { options, variants, mixture, clean }: LookedAt,
  samples: Dataset,
  { split, ids }: { split: string; ids: readonly string[] },
  preprocessing: Preprocessing,
): Promise<RunIdentity> {
  const { validate, progress, signal } = options;
  const hashOf = async (part: string, wanted: readonly string[], dataset = samples): Promise<string> => {
    const own = new Set(wanted);
    const chosen = dataset.samples(part).filter(({ id }) => own.has(id));
    return (await contentOf(dataset, chosen, { progress, signal })).slice(0, 16);
  };
  const cleanContent = async (source: SampleSource): Promise<string> => {
    const dataset = await loadSource(source);
    return hashOf(split, trainingSamples(dataset, options, variants).ids, dataset);
  };
  const measured = async (slice: Slice): Promise<string> =>
    `${formatSlice(slice)} ${await hashOf(slice.split, sliceIds(samples, inVariants(slice, variants), '--validate'))}`;
  return {
    content: await hashOf(split, ids),
    ...(clean && { cleanContent: await cleanContent(clean) }),
    ...(validate && { validation: await measured(validate) }),
    ...(mixture && { mixture }),
    preprocessing: sha256(canonicalJson(preprocessing)).slice(0, 16),
  };
}
