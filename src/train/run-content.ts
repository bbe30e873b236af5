import { canonicalJson, sha256 } from '../common/files.js';
import { contentOf } from '../data/content.js';
import type { Dataset } from '../data/dataset.js';
import { formatSlice, sliceIds, type Slice } from '../data/slice.js';
import { loadSource, type SampleSource } from '../data/source.js';
import type { Preprocessing } from '../models/preprocessing.js';
import type { RunIdentity } from './identity.js';
import { inVariants, trainingSamples } from './run-options.js';
import type { RunMeans } from './run-means.js';
import type { RunSamples } from './run-parts.js';

/**
 * What the outcome depends on beside options, by content: images and labels trained on and measured on, and what the network sees of them.
 * Names of files do not tell: another dataset has the same, and labels are mended in place.
 *
 * @param opened the source's dataset
 */
export async function contentIdentity(
  { training, validate, variants, mixture, clean }: RunSamples,
  opened: Dataset,
  preprocessing: Preprocessing,
  { progress, signal }: Pick<RunMeans, 'progress' | 'signal'>,
): Promise<RunIdentity> {
  const hashOf = async (part: string, wanted: readonly string[], dataset = opened): Promise<string> => {
    const own = new Set(wanted);
    const chosen = dataset.samples(part).filter(({ id }) => own.has(id));
    return (await contentOf(dataset, chosen, { progress, signal })).slice(0, 16);
  };
  const cleanContent = async (source: SampleSource): Promise<string> => {
    const dataset = await loadSource(source);
    const { split, ids } = trainingSamples(dataset, training, variants);
    return hashOf(split, ids, dataset);
  };
  const measured = async (slice: Slice): Promise<string> =>
    `${formatSlice(slice)} ${await hashOf(slice.split, sliceIds(opened, inVariants(slice, variants), '--validate'))}`;
  const { split, ids } = trainingSamples(opened, training, variants);
  return {
    content: await hashOf(split, ids),
    ...(clean && { cleanContent: await cleanContent(clean) }),
    ...(validate && { validation: await measured(validate) }),
    ...(mixture && { mixture }),
    preprocessing: sha256(canonicalJson(preprocessing)).slice(0, 16),
  };
}
