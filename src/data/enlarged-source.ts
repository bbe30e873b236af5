import type { LabelMap, Pixels } from '../image/pixels.js';
import { resizePixels } from '../image/resize.js';
import type { Dataset, Sample } from './dataset.js';
import { deriveDataset } from './derive.js';
import { loadSource, type SampleSource } from './source.js';

/** At which size the network sees pictures that are smaller than their label maps: as they came, or enlarged to the labels' size. */
export type InferSize = 'received' | 'original';

/** The same samples, with pictures that are smaller than their label maps enlarged to their size, bilinearly. */
export function enlargedSource(source: SampleSource): SampleSource {
  return { module: import.meta.url, args: source };
}

/** Called by the thread that opens the source. */
export default async function open(args: unknown): Promise<Dataset> {
  return enlargeDataset(await loadSource(args as SampleSource));
}

/** @returns `dataset` itself where its images have their labels' size anyway */
export function enlargeDataset(dataset: Dataset): Dataset {
  if (!dataset.resized) return dataset;
  const readLabel = shared((sample) => dataset.readLabel(sample));
  return deriveDataset(dataset, {
    resized: false,
    readImage: async (sample): Promise<Pixels> => {
      const [image, label] = await Promise.all([dataset.readImage(sample), readLabel(sample)]);
      return resizePixels(image, { width: label.width, height: label.height });
    },
    readImageBytes: undefined,
    readTarget: readLabel,
    readLabel,
    recordings: undefined,
  });
}

/** Reads a label map once for all who ask while it is being read: an image's size needs it, and so does the evaluation of the image. */
function shared(read: (sample: Sample) => Promise<LabelMap>): (sample: Sample) => Promise<LabelMap> {
  const running = new Map<Sample, Promise<LabelMap>>();
  return (sample) => {
    const known = running.get(sample);
    if (known) return known;
    const label = read(sample).finally(() => running.delete(sample));
    running.set(sample, label);
    return label;
  };
}
