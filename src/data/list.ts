import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../common/json-file.js';
import type { ClassInfo, Dataset, Sample } from './dataset.js';
import { ClassDataset, idsByName } from './class-dataset.js';
import { FolderDataset } from './folder.js';
import { InstanceDataset } from './instances/dataset.js';
import { readListFile, type ListFault } from './list-file.js';
import { UnlabelledDataset } from './unlabelled-dataset.js';
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
const listDescription = z
  .object({
    classes: z
      .array(
        z.object({ name: z.string().min(1), color: z.tuple([byte, byte, byte]), unused: z.literal(true).optional() }),
      )
      .superRefine(refuseTwins)
      .default([]),
    /**
     * What images are labelled with: a label map, which is the default; in place of the label's path the name of a class, or the objects of the
     * picture as JSON; or nothing, where a line is the path of the image alone.
     */
    task: z.enum(['segmentation', 'classification', 'detection', 'instances', 'none']).default('segmentation'),
    /** The id of pixels that count nowhere; of no say where labels are no maps. */
    ignore: z.int().min(-1).max(255).optional(),
    splits: z
      .record(z.string().min(1), z.string().min(1))
      .refine((splits) => Object.keys(splits).length > 0, 'no split'),
    /** Images may be smaller than their label maps. */
    resized: z.boolean().optional(),
    /** Images are frames, numbered at the end of their names: how far the numbers of two consecutive ones are apart at most. */
    frameGap: z.int().positive().optional(),
  })
  .superRefine(({ task, classes, ignore }, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (task === 'none' ? classes.length > 0 : classes.length === 0) {
      issue('classes', task === 'none' ? 'none, as nothing is labelled' : 'at least one class');
    }
    if (task !== 'segmentation') return;
    if (ignore === undefined || ignore < 0) issue('ignore', 'an id from 0 to 255');
    if (classes.length > 256) issue('classes', 'at most 256, as ids are bytes');
  });

/**
 * Any folder with a `dataset.json` and list files of `image label` lines, whose labels are paths of label maps or names of classes, or
 * lists of images alone.
 *
 * @throws E_DATA_DESCRIPTION with the path of the field that is wrong, and what reading the lists throws
 */
export async function openList(root: string, spec: string, report?: Report): Promise<Dataset> {
  const {
    task,
    classes,
    ignore = 255,
    splits,
    resized,
    frameGap,
  } = await readJsonFile(join(root, 'dataset.json'), listDescription, {
    code: 'E_DATA_DESCRIPTION',
    expected: '{"classes":[{"name","color":[r,g,b]}],"ignore":255,"splits":{"train":"train.txt"}}',
    todo: 'Give the folder that holds a dataset.json of this form: list:DIR.',
  });
  const samples = new Map<string, Sample[]>();
  const faultIn = task === 'classification' ? unknownClass(classes) : undefined;
  const textLabels = task === 'detection' || task === 'instances';
  for (const [split, file] of Object.entries(splits)) {
    samples.set(
      split,
      await readListFile(join(root, file), { report, unlabelled: task === 'none', textLabels, faultIn }),
    );
  }
  const recordings = frameGap === undefined ? undefined : numberedRecordings(samples, frameGap);
  const content = { spec, name: 'list', root, classes, resized, samples, recordings };
  if (task === 'none') return new UnlabelledDataset(content);
  if (textLabels) return new InstanceDataset(content, task === 'instances');
  return task === 'classification' ? new ClassDataset(content) : new FolderDataset({ ...content, ignore });
}

function unknownClass(classes: readonly ClassInfo[]): (sample: Sample) => ListFault | undefined {
  const known = idsByName(classes);
  return ({ label }) =>
    known.has(label)
      ? undefined
      : {
          expected: `the name of a class (${[...known.keys()].slice(0, 5).join(', ')}, ...) as the label`,
          got: `"${label}"`,
        };
}
