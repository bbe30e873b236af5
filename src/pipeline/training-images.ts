import { fail } from '../common/errors.js';
import type { Dataset } from '../data/dataset.js';
import { formatSlice, parseSlice } from '../data/slice.js';
import { cleanImages, type CleanImagesOptions } from './clean-images.js';
import type { Experiment } from './experiment.js';
import type { CleanImages } from './images.js';
import type { CalibrateOption } from './methods/shared-options.js';

/** What the methods of an experiment are trained and calibrated on: the experiment's samples, and those of methods that have their own. */
export class TrainingImages {
  private constructor(
    private readonly own: CleanImages,
    /** By the text of the option. */
    private readonly others: ReadonlyMap<string, CleanImages>,
    /** What adaptors are measured on before they serve, by the field that says so. */
    private readonly calibrations: ReadonlyMap<string, CleanImages>,
  ) {}

  static async open(dataset: Dataset, options: CleanImagesOptions): Promise<TrainingImages> {
    const { methods, train, path } = options.experiment;
    const own = await cleanImages(dataset, train, options);
    const others = new Map<string, CleanImages>();
    const calibrations = new Map<string, CleanImages>();
    const open = async (text: string | undefined, where: string): Promise<CleanImages> => {
      if (text === undefined) return own;
      const known = others.get(text);
      if (known) return known;
      const opened = await cleanImages(dataset, parseSlice(text, train.split, `${path}: ${where}`), options);
      others.set(text, opened);
      return opened;
    };
    for (const { name, options: given } of methods) {
      const field = `methods.${name}`;
      const trained = await open(given['train'] as string | undefined, `${field}.train`);
      const calibration = given['calibrate'] as CalibrateOption | undefined;
      if (!calibration) continue;
      const where = `${field}.calibrate.samples`;
      const measured = await open(calibration.samples, where);
      requireApart(`${path}: ${where}`, measured, trained, 'that the method is not trained on');
      calibrations.set(`${path}: ${where}`, measured);
    }
    return new TrainingImages(own, others, calibrations);
  }

  /** @param text of a method's option. Default: the experiment's samples */
  of(text?: string): CleanImages {
    return text === undefined ? this.own : this.others.get(text)!;
  }

  /** @throws E_PIPELINE_CONFIG where adaptors are chosen on samples that they are compared on afterwards */
  checkValidate(validate: CleanImages): void {
    for (const [where, images] of this.calibrations) {
      requireApart(where, images, validate, 'that the methods are not compared on');
    }
  }

  /** @throws E_PIPELINE_CONFIG where a sample that anything is trained on is among those that are to be unseen */
  checkUnseen({ path }: Experiment, name: string, images: CleanImages): void {
    for (const used of [this.own, ...this.others.values()]) {
      requireApart(`${path}: unseen "${name}"`, images, used, 'that nothing is trained or calibrated on');
    }
  }
}

function requireApart(where: string, images: CleanImages, used: CleanImages, which: string): void {
  const ids = new Set(idsOf(images));
  const shared = idsOf(used).filter((id) => ids.has(id));
  if (shared.length === 0) return;
  fail('E_PIPELINE_CONFIG', {
    where,
    expected: `samples ${which}`,
    got: `${shared.length} of ${formatSlice(used.slice)}, ${shared[0]} among them`,
    todo: 'Take others, or train on others.',
  });
}

function idsOf({ dataset, slice }: CleanImages): string[] {
  return dataset
    .samples(slice.split)
    .slice(slice.start, slice.end)
    .map(({ id }) => id);
}
