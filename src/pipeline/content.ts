import { stat } from 'node:fs/promises';
import { sha256File, writeJsonAtomic } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import { contentOf } from '../data/content.js';
import type { Dataset, Sample } from '../data/dataset.js';
import { readText } from '../common/text-file.js';

/** Hashes of files by path, with what tells whether a file is still the same. */
type Known = Record<string, { size: number; modified: number; sha256: string }>;

export interface ContentOptions {
  /** Where hashes are kept, so that only files that changed are read again. */
  cache: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * {@link contentOf} with hashes that outlive the process, as an experiment looks at its data at every start.
 *
 * @throws what reading the samples throws
 */
export async function contentHash(
  dataset: Dataset,
  samples: readonly Sample[],
  { cache, progress, signal }: ContentOptions,
): Promise<string> {
  const known = await readCache(cache);
  const cached = { changed: false };
  const hashFile = async (path: string): Promise<string> => {
    const { size, mtimeMs: modified } = await stat(path);
    const before = known[path];
    if (before?.size !== size || before.modified !== modified) {
      known[path] = { size, modified, sha256: await sha256File(path) };
      cached.changed = true;
    }
    return known[path]!.sha256;
  };
  const hash = await contentOf(dataset, samples, { hashFile, progress, signal });
  if (cached.changed) await writeJsonAtomic(cache, known);
  return hash;
}

async function readCache(path: string): Promise<Known> {
  try {
    return JSON.parse(await readText(path)) as Known;
  } catch {
    return {};
  }
}
