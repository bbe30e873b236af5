import { plural } from '../common/plural.js';
import type { ClassInfo } from './dataset.js';
import type { Targets } from '../tasks/task.js';
import type { LabelCounts } from './label-counts.js';
import type { Warning } from './warning.js';

/** Classes, the id that counts nowhere, and what samples are labelled with. */
export interface Classes {
  classes: readonly ClassInfo[];
  ignore: number;
  targets: Pick<Targets, 'noun'>;
}

/** Names listed in a message at most. */
const SHOWN = 8;

/** What the labels of splits say about them, in the order of splits. */
export function labelWarnings(all: readonly LabelCounts[], labels: Classes): Warning[] {
  const counts = all.filter(({ looked }) => looked > 0);
  return [
    ...counts.flatMap((one) => ofSplit(one, labels)),
    ...absentEverywhere(counts, labels),
    ...(counts.length > 1 ? counts.flatMap((one) => inOneSplit(one, counts, labels)) : []),
  ];
}

/** Whether a split has a pixel that teaches. */
export function isLabelled({ pixels }: LabelCounts, { classes, ignore }: Classes): boolean {
  return classes.some((_, id) => id !== ignore && pixels[id]! > 0);
}

function ofSplit(counts: LabelCounts, labels: Classes): Warning[] {
  const { split, blank, looked, samples } = counts;
  const { classes, ignore, targets } = labels;
  const where = lookedAt(counts, labels);
  if (!isLabelled(counts, labels)) {
    const why = ignore < 0 ? `there are no ${targets.noun} of a class` : `every pixel is ignored (id ${ignore})`;
    const message = `${where}: ${why}, so that nothing can be learned or measured`;
    return [{ kind: 'all-ignored', split, message }];
  }
  const warnings: Warning[] = [];
  if (blank.length > 0) {
    const message = `${where}: every pixel of ${plural(blank.length, 'label map')} is ignored (${list([...blank].sort(), 3)})`;
    warnings.push({ kind: 'all-ignored', split, message });
  }
  const present = classes.flatMap((_, id) => (id !== ignore && counts.pixels[id]! > 0 ? [id] : []));
  // One class of objects beside their background is as much as there may be to tell apart.
  const isAlone = classes.filter(({ unused }) => !unused).length === 1;
  if (present.length === 1 && classes.length > 1 && !isAlone) {
    const all = targets.noun === 'images' ? 'every image' : 'every labelled pixel';
    const message = `${where}: ${all} is of class ${named(present[0]!, classes)}`;
    warnings.push({ kind: 'one-class', split, message });
    const share = counts.pixels[ignore]! / counts.pixels.reduce((sum, count) => sum + count);
    // What else would make a map of one class and ignored pixels, each a good part of it.
    if (ignore >= classes.length && share > 0.01) {
      const other = classes.findIndex((_, id) => id !== present[0] && id !== ignore);
      warnings.push({
        kind: 'ignored-id',
        split,
        message:
          `${where}: the only ids are ${present[0]} and ${ignore}, and ${ignore} is ignored (${(100 * share).toFixed(0)}% of the pixels); ` +
          `if it stands for class ${named(other, classes)}, as in masks of black and white, store ${other} in its place`,
      });
    }
  }
  if (samples === 1)
    warnings.push({ kind: 'one-sample', split, message: `${split}: it has one sample (${looked} looked at)` });
  return warnings;
}

function absentEverywhere(counts: readonly LabelCounts[], labels: Classes): Warning[] {
  const { classes, ignore } = labels;
  const absent = idsWhere(classes, ignore, (id) => counts.every(({ pixels }) => pixels[id] === 0));
  if (absent.length === 0 || counts.length === 0) return [];
  const many = absent.length > 1;
  const where = counts.map((one) => lookedAt(one, labels)).join(' and ');
  const names = list(absent.map((id) => named(id, classes)));
  return [
    {
      kind: 'class-absent',
      split: counts.length === 1 ? counts[0]!.split : null,
      message: `${where}: class${many ? 'es' : ''} ${names} occur${many ? '' : 's'} nowhere`,
    },
  ];
}

function inOneSplit(one: LabelCounts, all: readonly LabelCounts[], labels: Classes): Warning[] {
  const { classes, ignore } = labels;
  const others = all.filter((other) => other !== one);
  const alone = idsWhere(
    classes,
    ignore,
    (id) => one.pixels[id]! > 0 && others.every(({ pixels }) => pixels[id] === 0),
  );
  if (alone.length === 0) return [];
  const many = alone.length > 1;
  const names = list(alone.map((id) => named(id, classes)));
  const message = `class${many ? 'es' : ''} ${names} occur${many ? '' : 's'} in ${lookedAt(one, labels)} alone, not in ${others.map((other) => lookedAt(other, labels)).join(' or ')}`;
  return [{ kind: 'class-one-split', split: one.split, message }];
}

function idsWhere(classes: readonly ClassInfo[], ignore: number, holds: (id: number) => boolean): number[] {
  return classes.flatMap(({ unused }, id) => (!unused && id !== ignore && holds(id) ? [id] : []));
}

/** `train`, or `32 of the 2975 label maps of train` where not all were looked at. */
function lookedAt({ split, looked, samples }: LabelCounts, { targets }: Classes): string {
  return looked === samples ? split : `${looked} of the ${samples} ${targets.noun} of ${split}`;
}

const named = (id: number, classes: readonly ClassInfo[]): string => `${id} (${classes[id]!.name})`;

function list(names: readonly string[], most = SHOWN): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
