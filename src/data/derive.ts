import type { Dataset } from './dataset.js';

/** A dataset that differs from `dataset` in `changes` alone; a method that is changed to undefined is left out. */
export function deriveDataset(dataset: Dataset, changes: Partial<Dataset>): Dataset {
  // Written out, as the methods of a class instance are not its own properties, and need their `this`.
  return {
    spec: dataset.spec,
    name: dataset.name,
    root: dataset.root,
    classes: dataset.classes,
    ignore: dataset.ignore,
    targets: dataset.targets,
    splits: dataset.splits,
    resized: dataset.resized,
    samples: (split) => dataset.samples(split),
    readImage: (sample) => dataset.readImage(sample),
    readClean: dataset.readClean && ((sample) => dataset.readClean!(sample)),
    unlabelled: dataset.unlabelled,
    readImageBytes: dataset.readImageBytes && ((sample) => dataset.readImageBytes!(sample)),
    turned: dataset.turned && ((sample) => dataset.turned!(sample)),
    readTarget: (sample) => dataset.readTarget(sample),
    readLabel: (sample) => dataset.readLabel(sample),
    inspect: dataset.inspect && ((sample) => dataset.inspect!(sample)),
    files: dataset.files && ((sample) => dataset.files!(sample)),
    storesClassIds: dataset.storesClassIds && ((sample) => dataset.storesClassIds!(sample)),
    recordings: dataset.recordings,
    driveOf: dataset.driveOf && ((sample) => dataset.driveOf!(sample)),
    readInstances: dataset.readInstances && ((sample) => dataset.readInstances!(sample)),
    ...changes,
  };
}
