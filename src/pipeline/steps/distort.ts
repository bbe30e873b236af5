import { canonicalJson, sha256 } from '../../common/files.js';
import { formatSlice } from '../../data/slice.js';
import { codesSequences, type Level } from '../../distort/level.js';
import { prepare } from '../../distort/prepare.js';
import { requireRecordings } from '../../distort/recordings.js';
import type { Step } from '../graph.js';
import { copyWorkload } from '../work/copies.js';
import { sliceDataset, type CleanImages, type LevelImages } from '../images.js';
import type { StepKind } from '../step-kinds.js';

/** The samples at a level: as they are for `clean`, otherwise with a step that writes their copy. */
export function imagesAt(images: CleanImages, level: Level): LevelImages {
  return level.steps.length === 0 ? { ...images, level } : { ...images, level, copy: distortStep(images, level) };
}

/**
 * Writes a copy of samples at a level, a `list:` dataset in `LEVEL/` of the step's folder.
 *
 * @throws E_DISTORT_SEQUENCE if the level codes sequences and any sample is no frame of one
 */
function distortStep(images: CleanImages, level: Level): Step<{ hash: string }> {
  const { dataset, slice, hash } = images;
  return {
    id: `distort ${formatSlice(slice)} ${level.text}`,
    kind: 'distort' satisfies StepKind,
    version: 1,
    settings: {
      level: level.text,
      split: slice.split,
      images: hash,
      ...recordingsIdentity(images, level),
    },
    inputs: {},
    workloads: [copyWorkload(images, level)],
    async run({ folder, progress, signal }) {
      const part = sliceDataset(dataset, slice);
      const [prepared] = await prepare({ dataset: part, levels: [level], out: folder, progress, signal });
      const { classes, ignore, splits, files } = prepared!.manifest;
      const content = files.map(({ path, sha256: hash }) => [path, hash]);
      return { output: { hash: sha256(canonicalJson({ classes, ignore, splits, content })) } };
    },
  };
}

/** The frames that are not among the samples count too where a level codes all of them together. */
function recordingsIdentity({ dataset, slice, recordings }: CleanImages, level: Level): { recordings?: string } {
  if (!codesSequences(level)) return {};
  const { found, hash } = recordings!;
  requireRecordings(dataset, found, dataset.samples(slice.split).slice(slice.start, slice.end), level);
  return { recordings: hash };
}
