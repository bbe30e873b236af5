import { fail } from '../common/errors.js';
import type { Dataset, Sample } from './dataset.js';
import { deriveDataset } from './derive.js';
import { idOf } from './list-file.js';

/** All splits, one after the other, where the dataset has no split of this name. */
const ALL = 'all';

/**
 * A dataset whose `samples` also takes parts that are no splits of its own: `train+val`, `all`; of any of them the drives that are
 * named or left out, `all[drive=0006R0,0001TP]` and `all[drive!=0006R0]`; and of these again positions, `all[drive=0006R0][0:50]`. Frames of one drive look alike, so what is measured on a drive
 * that was trained on says little of others.
 */
export function withParts(dataset: Dataset): Dataset {
  const known = new Map<string, Sample[]>();
  const samples = (part: string): Sample[] => {
    if (dataset.splits.includes(part)) return dataset.samples(part);
    let chosen = known.get(part);
    if (!chosen) known.set(part, (chosen = samplesOf(dataset, part)));
    return chosen;
  };
  return deriveDataset(dataset, { samples });
}

/** Samples by drive, of all splits, in the order in which the drives come up first. */
export function drivesOf(dataset: Dataset): Map<string, Sample[]> {
  const drives = new Map<string, Sample[]>();
  for (const sample of dataset.splits.flatMap((split) => dataset.samples(split))) {
    const drive = driveOf(dataset, sample);
    drives.set(drive, [...(drives.get(drive) ?? []), sample]);
  }
  return drives;
}

function samplesOf(dataset: Dataset, part: string): Sample[] {
  const [, splits = part, not, names, start, end] =
    /^([^[]+)(?:\[drive(!?)=([^[\]]+)\])?(?:\[(\d*):(\d*)\])?$/.exec(part) ?? [];
  let chosen = union(dataset, splits, part);
  if (names !== undefined) {
    const wanted = new Set(names.split(',').map((name) => name.trim()));
    requireDrives(dataset, splits, chosen, wanted, part);
    chosen = chosen.filter((sample) => wanted.has(driveOf(dataset, sample)) !== (not === '!'));
  }
  chosen = chosen.slice(Number(start || 0), end ? Number(end) : undefined);
  if (chosen.length > 0) return chosen;
  return fail('E_DATA_SPLIT', { where: dataset.spec, expected: 'at least one sample', got: `${part}, which has none` });
}

function requireDrives(
  dataset: Dataset,
  splits: string,
  samples: readonly Sample[],
  wanted: ReadonlySet<string>,
  part: string,
): void {
  const drives = [...new Set(samples.map((sample) => driveOf(dataset, sample)))];
  for (const name of wanted) {
    if (drives.includes(name)) continue;
    fail('E_DATA_SPLIT', {
      where: dataset.spec,
      expected: `a drive of ${splits}: ${drives.slice(0, 20).join(', ')}${drives.length > 20 ? ', ...' : ''}`,
      got: `"${name}" in ${part}`,
    });
  }
}

/** Samples of `train+val`, or of all splits; a sample that two of them have counts once. */
function union(dataset: Dataset, splits: string, part: string): Sample[] {
  const names = splits === ALL ? dataset.splits : splits.split('+').map((name) => name.trim());
  const byId = new Map<string, Sample>();
  for (const sample of names.flatMap((name) => dataset.samples(name))) {
    const other = byId.get(sample.id);
    if (other && other.image !== sample.image) {
      fail('E_DATA_SPLIT', {
        where: dataset.spec,
        expected: `ids that tell the samples of ${part} apart`,
        got: `${sample.id} for ${other.image} and for ${sample.image}`,
        todo: 'Choose samples of one split.',
      });
    }
    byId.set(sample.id, sample);
  }
  return [...byId.values()];
}

/**
 * The dataset's own word, or else what an image's name is before the number at its end, without the folder: `0006R0` of
 * `train/0006R0_f00930.png`. Where nothing is left of the name, its folder's: `lane_3` of `lane_3/000071.png`.
 */
function driveOf(dataset: Dataset, sample: Sample): string {
  if (dataset.driveOf) return dataset.driveOf(sample);
  const path = sample.image === '' ? sample.id : idOf(sample.image);
  const folders = path.split('/');
  const name = folders.pop()!.replace(/(?:[-_. ]+(?:f|frame|img|image))?[-_. ]*\d*$/i, '');
  return name || (folders.pop() ?? '');
}
