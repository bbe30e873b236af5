import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../../src/data/registry.js';
import { parseLevel } from '../../../src/distort/level.js';
import { prepare, type PreparedLevel, type PrepareOptions } from '../../../src/distort/prepare.js';
import { writeListDataset } from './list-dataset.js';

/** What most tests prepare. */
export const LEVELS = ['jpeg=30', 'brightness=0.5'];

/** A list dataset in a folder of its own, and where its copies go. */
export interface Places {
  folder: string;
  source: string;
  out: string;
}

export async function makePlaces(): Promise<Places> {
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-prepare-'));
  const source = join(folder, 'source');
  await writeListDataset(source, { train: ['a', 'deep/b', 'c'], val: ['d'] });
  return { folder, source, out: join(folder, 'out') };
}

export async function prepareIn(
  { source, out }: Places,
  { texts = LEVELS, ...rest }: Partial<PrepareOptions> & { texts?: string[] } = {},
): Promise<PreparedLevel[]> {
  const dataset = rest.dataset ?? (await openDataset(`list:${source}`));
  return prepare({ levels: texts.map(parseLevel), out, ...rest, dataset });
}

/** Files written and kept, per level. */
export function counts(prepared: PreparedLevel[]): [written: number, kept: number][] {
  return prepared.map(({ written, kept }) => [written, kept]);
}
