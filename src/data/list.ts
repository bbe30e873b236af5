import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../common/json-file.js';
import type { Dataset, Sample } from './dataset.js';
import { FolderDataset } from './folder.js';
import { readListFile } from './list-file.js';
import { numberedRecordings } from './recordings.js';
import type { Report } from './report.js';

/** Scores and tables go by the names. */
function refuseTwins(classes: readonly { name: string }[], context: z.RefinementCtx): void {
  const known = new Map<string, number>();
  classes.forEach(({ name }, id) => {
    const first = known.get(name);
    if (first === undefined) known.set(name, id);
    else
      context.addIssue({
        code: 'custom',
        path: [id, 'name'],
        message: `classes ${first} and ${id} are both "${name}"`,
      });
  });
}

const byte = z.int().min(0).max(255);

/** `dataset.json` of a list dataset. */
export const listDescription = z.object({
  classes: z
    .array(z.object({ name: z.string().min(1), color: z.tuple([byte, byte, byte]) }))
    .min(1)
    .max(256)
    .superRefine(refuseTwins),
  ignore: byte,
  splits: z.record(z.string().min(1), z.string().min(1)).refine((splits) => Object.keys(splits).length > 0, 'no split'),
  /** Images may be smaller than their label maps. */
  resized: z.boolean().optional(),
  /** Images are frames, numbered at the end of their names: how far the numbers of two consecutive ones are apart at most. */
  frameGap: z.int().positive().optional(),
});

/**
 * Any folder with a `dataset.json` and list files of `image label` lines.
 *
 * @throws E_DATA_DESCRIPTION with the path of the field that is wrong, and what reading the lists throws
 */
export async function openList(root: string, spec: string, report?: Report): Promise<Dataset> {
  const { classes, ignore, splits, resized, frameGap } = await readJsonFile(
    join(root, 'dataset.json'),
    listDescription,
    {
      code: 'E_DATA_DESCRIPTION',
      expected: '{"classes":[{"name","color":[r,g,b]}],"ignore":255,"splits":{"train":"train.txt"}}',
      todo: 'Give the folder that holds a dataset.json of this form: list:DIR.',
    },
  );
  const samples = new Map<string, Sample[]>();
  for (const [split, file] of Object.entries(splits)) samples.set(split, await readListFile(join(root, file), report));
  const recordings = frameGap === undefined ? undefined : numberedRecordings(samples, frameGap);
  return new FolderDataset({ spec, name: 'list', root, classes, ignore, resized, samples, recordings });
}
