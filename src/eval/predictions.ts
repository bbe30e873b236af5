import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isInDropping } from '../common/droppings.js';
import { fail } from '../common/errors.js';
import { isSame } from '../common/same-file.js';
import type { Progress } from '../common/progress.js';
import { decodeLabelMap } from '../image/labels.js';
import { ConfusionMatrix } from '../tasks/segmentation/confusion.js';
import { scoresOf, type Scores } from '../tasks/segmentation/iou.js';
import { readFile } from '../common/read-file.js';

export interface PredictionOptions {
  /** Folder of predicted label maps: gray or palette PNGs of class ids. */
  predictions: string;
  /** Folder of true label maps; its PNGs, in folders within it too, say which predictions there must be. */
  labels: string;
  /** Ids are 0..classes-1. */
  classes: number;
  /** Pixels whose truth has this id count nowhere. */
  ignore?: number;
  progress?: Progress;
}

/**
 * Scores label maps that any tool wrote against the true ones of the same names.
 *
 * @throws E_USAGE where both are one folder, E_EVAL_FOLDER, E_EVAL_MISSING, E_EVAL_SIZE, E_EVAL_ID, E_IMAGE_DECODE, E_IMAGE_LABELS; each names the file
 */
export async function scorePredictions(options: PredictionOptions): Promise<Scores> {
  const { predictions, labels, classes, ignore = 255, progress } = options;
  if (await isSame(predictions, labels)) {
    fail('E_USAGE', {
      where: predictions,
      expected: 'predictions in another folder than the labels',
      got: predictions === labels ? 'the same' : `${labels}, which is the same`,
      todo: 'Give the folder of the label maps that a network predicted.',
    });
  }
  const names = await listLabelMaps(labels);
  await checkPresence(names, predictions);
  const confusion = new ConfusionMatrix(classes);
  for (const [index, name] of names.entries()) {
    await addPair(confusion, join(labels, name), join(predictions, name), ignore);
    progress?.({ task: 'score predictions', done: index + 1, total: names.length, unit: 'images' });
  }
  return scoresOf(confusion);
}

async function addPair(confusion: ConfusionMatrix, label: string, prediction: string, ignore: number): Promise<void> {
  const [truth, predicted] = await Promise.all(
    [label, prediction].map(async (path) => decodeLabelMap(await readFile(path), path)),
  );
  if (truth!.width !== predicted!.width || truth!.height !== predicted!.height) {
    fail('E_EVAL_SIZE', {
      where: prediction,
      expected: `${truth!.width}x${truth!.height} pixels as in ${label}`,
      got: `${predicted!.width}x${predicted!.height}`,
      todo: 'Resize the prediction by nearest neighbour.',
    });
  }
  confusion.add(truth!.data, predicted!.data, ignore, { labels: label, predictions: prediction });
}

/** Paths of all PNGs below a folder, relative to it, sorted. */
async function listLabelMaps(folder: string): Promise<string[]> {
  let entries: string[];
  try {
    entries = await readdir(folder, { recursive: true });
  } catch (cause) {
    failFolder(folder, cause);
  }
  const names = entries.filter((name) => /\.png$/i.test(name) && !isInDropping(name)).sort();
  if (names.length > 0) return names;
  fail('E_EVAL_FOLDER', {
    where: folder,
    expected: 'PNG label maps',
    got: `${entries.length} entries, none of them a PNG`,
    todo: 'Give the folder of the true label maps.',
  });
}

async function checkPresence(names: string[], predictions: string): Promise<void> {
  const present = await readdir(predictions, { recursive: true }).catch((cause: unknown) =>
    failFolder(predictions, cause),
  );
  const there = new Set(present);
  const missing = names.filter((name) => !there.has(name));
  if (missing.length === 0) return;
  fail('E_EVAL_MISSING', {
    where: join(predictions, missing[0]!),
    expected: 'a prediction for every label map, of the same name',
    got: missing.length === 1 ? 'no such file' : `no such file, and ${missing.length - 1} more missing`,
    todo: `Names are those below the labels' folder${missing[0]!.includes(sep) ? ', its inner folders included' : ''}.`,
  });
}

function failFolder(folder: string, cause: unknown): never {
  fail('E_EVAL_FOLDER', {
    where: folder,
    expected: 'a folder of PNG label maps',
    got: (cause as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'a file' : 'no folder that can be read',
    cause,
  });
}
