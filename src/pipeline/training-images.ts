import { fail } from '../common/errors.js';
import type { Dataset } from '../data/dataset.js';
import { formatSlice, parseSlice } from '../data/slice.js';
import { cleanImages, type CleanImagesOptions } from './clean-images.js';
import type { Experiment } from './experiment.js';
import type { CleanImages } from './images.js';

/** What the methods of an experiment are trained on: the experiment's samples, and those of methods that have their own. */
export class TrainingImages {
  private constructor(
    private readonly own: CleanImages,
    /** By the text of the option. */
    private readonly others: ReadonlyMap<string, CleanImages>,
  ) {}

  static async open(dataset: Dataset, options: CleanImagesOptions): Promise<TrainingImages> {
    const { methods, train, path } = options.experiment;
    const own = await cleanImages(dataset, train, options);
    const others = new Map<string, CleanImages>();
    for (const { name, options: given } of methods) {
      const text = given['train'] as string | undefined;
      if (text === undefined || others.has(text)) continue;
      const slice = parseSlice(text, train.split, `${path}: methods.${name}.train`);
      others.set(text, await cleanImages(dataset, slice, options));
    }
    return new TrainingImages(own, others);
  }

  /** @param text of a method's option. Default: the experiment's samples */
  of(text?: string): CleanImages {
    return text === undefined ? this.own : this.others.get(text)!;
  }

  /** @throws E_PIPELINE_CONFIG where a sample that anything is trained on is among those that are to be unseen */
  checkUnseen({ path }: Experiment, name: string, images: CleanImages): void {
    const ids = new Set(idsOf(images));
    for (const trained of [this.own, ...this.others.values()]) {
      const shared = idsOf(trained).filter((id) => ids.has(id));
      if (shared.length === 0) continue;
      fail('E_PIPELINE_CONFIG', {
        where: `${path}: unseen "${name}"`,
        expected: 'samples that nothing is trained on',
        got: `${shared.length} of ${formatSlice(trained.slice)}, ${shared[0]} among them`,
        todo: 'Take others, or train on others.',
      });
    }
  }
}

function idsOf({ dataset, slice }: CleanImages): string[] {
  return dataset
    .samples(slice.split)
    .slice(slice.start, slice.end)
    .map(({ id }) => id);
}
