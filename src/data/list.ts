import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../common/errors.js';
import type { Dataset, Sample } from './dataset.js';
import { FolderDataset } from './folder.js';
import { readListFile } from './list-file.js';

const byte = z.int().min(0).max(255);

/** `dataset.json` of a list dataset. */
export const listDescription = z.object({
  classes: z
    .array(z.object({ name: z.string().min(1), color: z.tuple([byte, byte, byte]) }))
    .min(1)
    .max(256),
  ignore: byte,
  splits: z.record(z.string().min(1), z.string().min(1)).refine((splits) => Object.keys(splits).length > 0, 'no split'),
});

/** Any folder with a `dataset.json` and list files of `image label` lines. */
export async function openList(root: string, spec: string): Promise<Dataset> {
  const { classes, ignore, splits } = await readDescription(join(root, 'dataset.json'));
  const samples = new Map<string, Sample[]>();
  for (const [split, file] of Object.entries(splits)) samples.set(split, await readListFile(join(root, file)));
  return new FolderDataset({ spec, name: 'list', root, classes, ignore, samples });
}

async function readDescription(path: string): Promise<z.infer<typeof listDescription>> {
  const parsed = listDescription.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  fail('E_DATA_DESCRIPTION', {
    where: `${path}: ${issue.path.join('.') || 'the whole'}`,
    expected: '{"classes":[{"name","color":[r,g,b]}],"ignore":255,"splits":{"train":"train.txt"}}',
    got: issue.message,
    todo: 'Correct that field.',
  });
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    fail('E_DATA_ROOT', {
      where: path,
      expected: 'a dataset.json with the classes and splits',
      got: 'no such file',
      todo: 'Give the folder that holds it: list:DIR.',
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    fail('E_DATA_DESCRIPTION', { where: path, expected: 'JSON', got, todo: 'Correct the file.', cause });
  }
}
