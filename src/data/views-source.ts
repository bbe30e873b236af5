import type { Dataset } from './dataset.js';
import { deriveDataset } from './derive.js';
import { loadSource, type SampleSource } from './source.js';

/** What is read of each sample, beside its image. */
export interface ViewsOptions {
  /** Has the same samples in the same order, before they were distorted. Default: they are not read. */
  clean?: SampleSource;
  /** Part of the data that is read. */
  split: string;
  /** Labels are read. */
  labels: boolean;
}

/** A source's samples, with the views of them that are asked for. */
export function viewsSource(source: SampleSource, { clean, split, labels }: ViewsOptions): SampleSource {
  if (!clean && labels) return source;
  return { module: import.meta.url, args: { source, clean, split, labels } };
}

/** Called by the thread that opens the source. */
export default async function open(args: unknown): Promise<Dataset> {
  const { source, clean, split, labels } = args as ViewsOptions & { source: SampleSource };
  const [dataset, before] = await Promise.all([loadSource(source), clean && loadSource(clean)]);
  return deriveDataset(dataset, {
    ...(before && { readClean: readerOf(dataset, before, split) }),
    ...(!labels && { unlabelled: true }),
  });
}

/** By their places, as a copy's samples have ids and paths of their own. */
function readerOf(dataset: Dataset, before: Dataset, split: string): NonNullable<Dataset['readClean']> {
  const others = before.samples(split);
  const places = new Map(dataset.samples(split).map(({ id }, i) => [id, i]));
  return (sample) => before.readImage(others[places.get(sample.id)!]!);
}
