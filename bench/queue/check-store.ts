import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstDamage, readStamp } from '../../src/pipeline/store/result-files.js';
import type { SleepingStep } from './sleeping.js';

/** What is wrong with a store that has to hold the results of these steps: none missing, none twice, none in part. */
export async function checkStore(folder: string, steps: readonly SleepingStep[]): Promise<string[]> {
  const root = join(folder, 'steps');
  const names = (await readdir(root)).filter((name) => !name.includes('.'));
  const problems: string[] = [];
  const seen = new Map<string, number>();
  for (const name of names) {
    const stamp = await readStamp(join(root, name));
    if (!stamp) {
      problems.push(`${name} is no result`);
      continue;
    }
    const { id } = stamp.step;
    seen.set(id, (seen.get(id) ?? 0) + 1);
    const damage = await firstDamage(join(root, name), stamp);
    if (damage !== undefined) problems.push(`${damage} of "${id}" is damaged`);
    const text = await readFile(join(root, name, 'result.txt'), 'utf8');
    const hash = createHash('sha256').update(text).digest('hex');
    if (hash !== (stamp.output as { hash: string }).hash)
      problems.push(`the file of "${id}" is not what its stamp says`);
  }
  for (const { id } of steps) {
    if (seen.get(id) !== 1) problems.push(`${seen.get(id) ?? 0} results of "${id}"`);
  }
  return problems;
}
