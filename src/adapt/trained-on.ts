import { z } from 'zod';
import { canonicalJson, sha256 } from '../common/files.js';
import type { Dataset } from '../data/dataset.js';
import { variantIds } from '../data/mixed-source.js';

/** What records of fine-tuning say of the samples; others say nothing. */
const recordSchema = z.object({
  data: z.string(),
  split: z.string(),
  /** Number of ids, and what is kept of their hash. */
  samples: z.string().regex(/^(all|\d+: [0-9a-f]{16})$/),
  variants: z.int().positive().optional(),
});

/** Frames of a dataset that something was trained on. */
export type TrainedOn =
  /** Another dataset, or nothing is recorded: nothing can be said. */
  | { known: false }
  /** These; `exact` unless the record names a part alone, all of which counts then. */
  | { known: true; exact: boolean; ids: ReadonlySet<string> };

/**
 * Which samples of a dataset an adaptor was trained on, by its record. That keeps the number of samples and a hash of their ids: samples that follow each
 * other, as `--samples` takes them, are found by it.
 *
 * @param training of the adaptor's config
 */
export function trainedOn(training: Readonly<Record<string, unknown>>, dataset: Dataset): TrainedOn {
  const { data: record } = recordSchema.safeParse(training['settings']);
  if (!record || record.data !== nameOf(dataset)) return { known: false };
  const part = partOf(dataset, record.split);
  if (!part) return { known: false };
  const all = { known: true, ids: new Set(part) } as const;
  if (record.samples === 'all') return { ...all, exact: true };
  const [recorded, hash] = record.samples.split(': ') as [string, string];
  const { variants } = record;
  const count = Number(recorded) / (variants ?? 1);
  for (let start = 0; start + count <= part.length; start++) {
    const ids = part.slice(start, start + count);
    const written = variants === undefined ? ids : variantIds(ids, variants);
    if (sha256(canonicalJson(written)).startsWith(hash)) return { known: true, exact: true, ids: new Set(ids) };
  }
  return { ...all, exact: false };
}

/** What records call a dataset: a path would tell where it lies on this machine, not what it is. */
export function nameOf({ root, spec, name }: Dataset): string {
  return root === null ? spec : name;
}

function partOf(dataset: Dataset, split: string): string[] | undefined {
  try {
    return dataset.samples(split).map(({ id }) => id);
  } catch {
    return undefined;
  }
}
