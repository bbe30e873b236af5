import { fail } from '../common/errors.js';
import type { Augmentation } from '../data/augment.js';
import { cropWarnings } from '../data/crops.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { countLabels, type LabelCounts } from '../data/label-counts.js';
import { formatSlice, sliceIds, type Slice } from '../data/slice.js';
import { isLabelled, labelWarnings } from '../data/teaching.js';
import type { Warning } from '../data/warning.js';
import { sizeByShorterSide } from '../image/fit.js';
import type { RunMeans } from './run-means.js';
import type { RunSamples } from './run-parts.js';

/**
 * Looks at the labels of a run before it begins, at a bounded part of them where there are many, and tells `warn` what would not be
 * learned or measured. Of the samples the clean dataset is looked at: a level leaves the labels as they are.
 *
 * @param augment what images are cut to, and at which size
 * @throws E_TRAIN_LABELS where no pixel of the samples to train on, or of those to validate on, is labelled
 */
export async function checkTeachable(
  { dataset, training: slice, validate }: Pick<RunSamples, 'dataset' | 'training' | 'validate'>,
  { crop, scale, resize }: Augmentation,
  { warn, signal }: Pick<RunMeans, 'warn' | 'signal'>,
): Promise<void> {
  const training = await count(dataset, slice, '--samples', signal);
  const validation = validate && (await count(dataset, validate, '--validate', signal));
  const all = [training, ...(validation ? [validation] : [])];
  for (const one of all) if (!isLabelled(one, dataset)) refuse(dataset, one);
  const [first] = samplesOf(dataset, slice, '--samples');
  const stored = await (dataset.targets.labelFiles ? dataset.readLabel(first!) : dataset.readImage(first!));
  const size = resize === undefined ? stored : sizeByShorterSide(stored, resize);
  const warnings: Warning[] = [
    ...labelWarnings(all, dataset),
    ...(Array.isArray(crop) ? cropWarnings(training.split, size, { crop, scale }) : []),
    ...(validate ? sharedWarnings(dataset, slice, validate) : []),
  ];
  for (const { message } of warnings) warn?.(message);
}

function count(dataset: Dataset, slice: Slice, option: string, signal?: AbortSignal): Promise<LabelCounts> {
  const samples = samplesOf(dataset, slice, option);
  return countLabels(dataset, { split: formatSlice(slice), samples, signal });
}

function samplesOf(dataset: Dataset, slice: Slice, option: string): Sample[] {
  const ids = new Set(sliceIds(dataset, slice, option));
  return dataset.samples(slice.split).filter(({ id }) => ids.has(id));
}

function sharedWarnings(dataset: Dataset, training: Slice, validation: Slice): Warning[] {
  const nameOf = (slice: Slice, { id, image }: Sample): string => image || `${slice.split} ${id}`;
  const trained = new Set(samplesOf(dataset, training, '--samples').map((sample) => nameOf(training, sample)));
  const shared = samplesOf(dataset, validation, '--validate').filter((sample) =>
    trained.has(nameOf(validation, sample)),
  );
  if (shared.length === 0) return [];
  const message = `${shared.length} of the samples to validate on, such as ${shared[0]!.id}, are trained on as well: their score says little of others`;
  return [{ kind: 'same-image', split: null, message }];
}

function refuse({ spec, ignore, targets }: Dataset, { split, looked }: LabelCounts): never {
  fail('E_TRAIN_LABELS', {
    where: `${spec} ${split}`,
    expected: 'pixels with the id of a class',
    got: `the id ${ignore}, which is ignored, in every pixel of ${looked} ${targets.noun}`,
    todo: 'Mend the label maps, or the id to ignore; gearnn data check looks at all of them.',
  });
}
