import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDropping } from '../common/droppings.js';
import { GearnnError, fail } from '../common/errors.js';
import { adaptorFiles, readAdaptorConfig } from './file.js';
import { ADAPTOR_FILES } from './kinds/registry.js';
import { canonicalLevel } from '../distort/level-folders.js';
import { settle } from '../common/outcome.js';

/** Where one adaptor lies. */
export interface AdaptorFolder {
  level: string;
  folder: string;
}

/** A folder that is no adaptor that could be loaded, and why. */
export interface BrokenAdaptor {
  folder: string;
  /** Where it could be read, and no other folder has it. */
  level?: string;
  error: Error;
}

/**
 * Finds adaptors by their configs: those in the subfolders of `folder`, or of its `adaptors/` where it is a checkpoint; or
 * `folder` itself where it is an adaptor.
 *
 * @param onBroken is given what is wrong with single adaptors, which are left out then: half-written ones, too, and of two of one level
 *   the one that is not in a folder of the level's name, or both. Without it the first fault is thrown
 * @returns in ascending order of level; empty where there are none
 * @throws E_ADAPTOR for a folder that is missing, a config that is wrong, and two adaptors of one level
 */
export async function listAdaptors(
  folder: string,
  onBroken?: (broken: BrokenAdaptor) => void,
): Promise<AdaptorFolder[]> {
  if (adaptorFiles(folder)) return [{ level: (await readAdaptorConfig(folder)).level, folder }];
  const root = adaptorRoot(folder);
  const found = new Map<string, AdaptorFolder[]>();
  for (const name of await subfolders(root, root !== folder)) {
    const inside = join(root, name);
    if (!adaptorFiles(inside) && !(onBroken && (await isBegun(inside)))) continue;
    const config = await settle(() => readAdaptorConfig(inside));
    if (config instanceof Error) {
      if (!onBroken) throw config;
      onBroken({ folder: inside, error: config });
      continue;
    }
    const { level } = config;
    const key = canonicalLevel(level);
    const twins = found.get(key) ?? [];
    if (twins[0] && !onBroken) throw twinError({ level, folder: inside }, twins[0]);
    found.set(key, [...twins, { level, folder: inside }]);
  }
  const all = [...found.values()].flatMap((twins) => (twins.length > 1 ? theOne(twins, onBroken!) : twins));
  return all.sort((a, b) => compareLevels(a.level, b.level));
}

/** The folder that holds adaptors: a checkpoint's `adaptors/`, or the given one. */
export function adaptorRoot(folder: string): string {
  return existsSync(join(folder, 'config.json')) ? join(folder, 'adaptors') : folder;
}

/** Of several adaptors of one level the one whose folder has the level's name; none where no folder has. */
function theOne(twins: AdaptorFolder[], onBroken: (broken: BrokenAdaptor) => void): AdaptorFolder[] {
  const one = twins.find(({ level, folder }) => basename(folder) === level);
  for (const twin of twins) {
    if (twin === one) continue;
    const other = one ?? twins.find((each) => each !== twin)!;
    onBroken({ folder: twin.folder, error: twinError(twin, other) });
  }
  return one ? [one] : [];
}

function twinError({ level, folder }: AdaptorFolder, twin: AdaptorFolder): GearnnError {
  return new GearnnError('E_ADAPTOR', {
    where: folder,
    expected: `one adaptor per level in ${dirname(folder)}`,
    got: `a second one for ${twin.level === level ? level : `${level}, which is ${twin.level},`} beside ${twin.folder}`,
    todo: 'Move one of them elsewhere.',
  });
}

/** Whether a folder without a config is to become an adaptor, or cannot be looked into. */
async function isBegun(folder: string): Promise<boolean> {
  const names = await settle(() => readdir(folder));
  if (names instanceof Error) return (names as NodeJS.ErrnoException).code !== 'ENOTDIR';
  return ADAPTOR_FILES.some(({ tensors }) => names.includes(tensors));
}

/** Orders levels by kind and then by value as a number: `jpeg=5` before `jpeg=10`. */
export function compareLevels(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => text.split(/(\d+(?:\.\d+)?)/)) as [string[], string[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p = '', q = ''] = [x[i], y[i]];
    // Odd parts are numbers, even ones the text between them.
    if (i % 2 === 1 && p !== '' && q !== '' && Number(p) !== Number(q)) return Number(p) - Number(q);
    if (i % 2 === 0 && p !== q) return p < q ? -1 : 1;
  }
  return x.length - y.length;
}

/** @param optional whether a folder that is missing counts as empty */
async function subfolders(root: string, optional: boolean): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries.filter((entry) => !entry.isFile() && !isDropping(entry.name)).map(({ name }) => name);
  } catch (cause) {
    if (!['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    if (optional) return [];
    fail('E_ADAPTOR', {
      where: root,
      expected: 'a folder with an adaptor in each subfolder',
      got: 'no such folder',
      todo: 'Give the folder that holds them, or a checkpoint.',
      cause,
    });
  }
}
