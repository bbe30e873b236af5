import { filesOf } from './content.js';
import type { Dataset, Sample } from './dataset.js';
import { deriveDataset } from './derive.js';
import { loadSource, type SampleSource } from './source.js';

/** Between a sample's own id and the number of the source that it is read from. */
const MARK = '@';

/** Ids of a mixed source's samples: those of so many variants of each, one after the other. */
export function variantIds(ids: readonly string[], variants: number): string[] {
  return ids.flatMap((id) => Array.from({ length: variants }, (_, number) => `${id}${MARK}${number}`));
}

/**
 * The same samples out of several sources, such as copies at several levels: those of one sample follow each other, in the sources'
 * order, under ids of their own.
 */
export function mixedSource(sources: readonly SampleSource[]): SampleSource {
  return { module: import.meta.url, args: sources };
}

/** Called by the thread that opens the source. */
export default async function open(args: unknown): Promise<Dataset> {
  return mixDatasets(await Promise.all((args as SampleSource[]).map(loadSource)));
}

/** @param datasets of the same samples in the same order */
function mixDatasets(datasets: readonly Dataset[]): Dataset {
  const [first] = datasets;
  const samples = (split: string): Sample[] => {
    const lists = datasets.map((dataset) => dataset.samples(split));
    return lists[0]!.flatMap((_, i) =>
      lists.map((list, number) => ({ ...list[i]!, id: `${list[i]!.id}${MARK}${number}` })),
    );
  };
  const from = (sample: Sample): [Dataset, Sample] => {
    const at = sample.id.lastIndexOf(MARK);
    return [datasets[Number(sample.id.slice(at + 1))]!, { ...sample, id: sample.id.slice(0, at) }];
  };
  return deriveDataset(first!, {
    samples,
    resized: datasets.some(({ resized }) => resized),
    readImage: (sample) => {
      const [dataset, own] = from(sample);
      return dataset.readImage(own);
    },
    readTarget: (sample) => {
      const [dataset, own] = from(sample);
      return dataset.readTarget(own);
    },
    readLabel: (sample) => {
      const [dataset, own] = from(sample);
      return dataset.readLabel(own);
    },
    files: (sample) => filesOf(...from(sample)),
    readImageBytes: undefined,
    storesClassIds: undefined,
    recordings: undefined,
    readInstances: undefined,
  });
}
