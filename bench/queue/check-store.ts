import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../../src/pipeline/graph.js';
import { firstDamage, readStamp } from '../../src/pipeline/store/result-files.js';
import type { SleepingStep } from './sleeping.js';

/** What is wrong with a store, in words. */
export interface StoreFaults {
  /** Steps that have several results. */
  twice: string[];
  /** Files that are not whole, or not there. */
  half: string[];
  /** Steps that have none. */
  missing: string[];
}

export const NO_FAULTS: StoreFaults = { twice: [], half: [], missing: [] };

/** A store that has to hold the results of these steps: none missing, none twice, none in part. */
export async function checkStore(folder: string, steps: readonly SleepingStep[]): Promise<StoreFaults> {
  const { twice, half, seen, results } = await wholeResults(folder);
  for (const { path, id, output } of results) {
    const text = await readFile(join(path, 'result.txt'), 'utf8').catch(() => '');
    const hash = createHash('sha256').update(text).digest('hex');
    if (hash !== (output as { hash: string }).hash) half.push(`the file of "${id}" is not what its stamp says`);
  }
  const missing = steps.filter(({ id }) => !seen.has(id)).map(({ id }) => `no result of "${id}"`);
  return { twice, half, missing };
}

interface WholeResults extends Pick<StoreFaults, 'twice' | 'half'> {
  /** Ids of steps that have a result. */
  seen: Set<string>;
  results: { path: string; id: string; output: Json }[];
}

/** The results in a store, and which of them are not whole, or are there twice. */
export async function wholeResults(folder: string): Promise<WholeResults> {
  const root = join(folder, 'steps');
  const found: WholeResults = { twice: [], half: [], seen: new Set(), results: [] };
  // Leases and what interrupted steps left have a dot in their names.
  for (const name of (await readdir(root)).filter((own) => !own.includes('.'))) {
    const path = join(root, name);
    const stamp = await readStamp(path);
    if (!stamp) {
      found.half.push(`${name} is no result`);
      continue;
    }
    const { id } = stamp.step;
    if (found.seen.has(id)) found.twice.push(`two results of "${id}"`);
    found.seen.add(id);
    found.results.push({ path, id, output: stamp.output });
    const damage = await firstDamage(path, stamp);
    if (damage !== undefined) found.half.push(`${damage} of "${id}" is damaged`);
  }
  return found;
}
