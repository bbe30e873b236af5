import type { Pixels } from '../image/pixels.js';
import { resizePixels, type Size } from '../image/resize.js';
import type { Dataset, Sample } from './dataset.js';
import { deriveDataset } from './derive.js';
import { loadSource, type SampleSource } from './source.js';

/** At which size the network sees pictures that are smaller than their label maps: as they came, or enlarged to the labels' size. */
export type InferSize = 'received' | 'original';

/**
 * The same samples, with pictures that are smaller than their label maps enlarged to their size, bilinearly.
 *
 * @param original has the same samples in the same order before they were made smaller; where there are no labels, these say the size
 */
export function enlargedSource(source: SampleSource, original: SampleSource): SampleSource {
  return { module: import.meta.url, args: { source, original } };
}

/** Called by the thread that opens the source. */
export default async function open(args: unknown): Promise<Dataset> {
  const { source, original } = args as { source: SampleSource; original: SampleSource };
  const dataset = await loadSource(source);
  if (dataset.resized && dataset.unlabelled) return enlargeImages(dataset, await loadSource(original));
  return enlargeDataset(dataset);
}

/** @returns `dataset` itself where its images have their labels' size anyway */
export function enlargeDataset(dataset: Dataset): Dataset {
  if (!dataset.resized) return dataset;
  const { labelFiles } = dataset.targets;
  // Objects know the size of their picture as label maps do.
  const readTarget = shared(
    (sample) => (labelFiles ? dataset.readLabel(sample) : dataset.readTarget(sample)) as Promise<Size>,
  );
  return {
    ...enlarged(dataset, readTarget),
    readTarget,
    ...(labelFiles && { readLabel: readTarget as Dataset['readLabel'] }),
  };
}

/** Images without labels, each enlarged to the size of its original. */
function enlargeImages(dataset: Dataset, original: Dataset): Dataset {
  const originals = new Map<string, Sample>();
  for (const split of dataset.splits.filter((name) => original.splits.includes(name))) {
    const others = original.samples(split);
    dataset.samples(split).forEach(({ image }, i) => originals.set(image, others[i]!));
  }
  return enlarged(dataset, ({ image }) => original.readImage(originals.get(image)!));
}

function enlarged(dataset: Dataset, sizeOf: (sample: Sample) => Promise<Size>): Dataset {
  return deriveDataset(dataset, {
    resized: false,
    readImage: async (sample): Promise<Pixels> => {
      const [image, { width, height }] = await Promise.all([dataset.readImage(sample), sizeOf(sample)]);
      return resizePixels(image, { width, height });
    },
    readImageBytes: undefined,
    recordings: undefined,
  });
}

/** Reads a label map once for all who ask while it is being read: an image's size needs it, and so does the evaluation of the image. */
function shared(read: (sample: Sample) => Promise<Size>): (sample: Sample) => Promise<Size> {
  const running = new Map<Sample, Promise<Size>>();
  return (sample) => {
    const known = running.get(sample);
    if (known) return known;
    const label = read(sample).finally(() => running.delete(sample));
    running.set(sample, label);
    return label;
  };
}
