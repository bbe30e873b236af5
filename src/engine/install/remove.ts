import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../common/errors.js';
import { type Progress } from '../../common/progress.js';
import { type InstalledEngine, listEngines } from './check.js';
import { downloadsFolder, enginesFolder, gearnnHome } from './home.js';
import { withHomeLock } from './lock.js';

export interface RemoveOptions {
  /** The cache folder, `gearnnHome()` by default. */
  home?: string;
  /** Told of the wait for an installation under way. */
  progress?: Progress;
}

/**
 * Removes one installed engine, whole or damaged, and wheels kept for it.
 *
 * @param name as `listEngines` gives it; left out, the only one there is
 * @returns what was removed
 * @throws E_ENGINE_MISSING where there is none of that name, E_USAGE where there are several and none is named, E_ENGINE_LOCKED
 */
export async function removeEngine(
  name?: string,
  { home = gearnnHome(), progress }: RemoveOptions = {},
): Promise<InstalledEngine> {
  const named = chooseEngine(await listEngines(home), name).name;
  const remove = async (): Promise<InstalledEngine> => {
    // Whoever was waited for may have removed it.
    const engine = chooseEngine(await listEngines(home), named);
    await removeFiles(home, engine);
    return engine;
  };
  return withHomeLock(home, remove, progress);
}

/**
 * Removes every installed engine, every download, and what killed installations left.
 *
 * @returns the engines that were there
 * @throws E_ENGINE_LOCKED
 */
export async function removeAllEngines({ home = gearnnHome(), progress }: RemoveOptions = {}): Promise<
  InstalledEngine[]
> {
  const remove = async (): Promise<InstalledEngine[]> => {
    const engines = await listEngines(home);
    for (const engine of engines) await removeFiles(home, engine);
    await removeLeftovers(home);
    await rm(downloadsFolder(home), { recursive: true, force: true });
    return engines;
  };
  return withHomeLock(home, remove, progress);
}

/** Removes what installations and removals that were killed left: nobody else works here while the lock is held. */
export async function removeLeftovers(home: string): Promise<void> {
  const engines = enginesFolder(home);
  for (const name of await readdir(engines))
    if (name.startsWith('.tmp-')) await rm(join(engines, name), { recursive: true, force: true });
}

function chooseEngine(engines: readonly InstalledEngine[], name?: string): InstalledEngine {
  const names = engines.map((engine) => engine.name).join(', ') || 'none';
  if (name === undefined && engines.length > 1)
    fail('E_USAGE', {
      where: 'engine remove',
      expected: `one of ${names}`,
      got: 'no name',
      todo: 'Name one, or give --all.',
    });
  const engine = engines.find((candidate) => name === undefined || candidate.name === name);
  if (engine !== undefined) return engine;
  return fail('E_ENGINE_MISSING', {
    where: 'engine remove',
    expected: `an installed engine (there: ${names})`,
    got: name ?? 'none',
    todo: 'gearnn engine list shows what is installed.',
  });
}

/** Renamed first: a removal that is interrupted leaves a leftover for the next installation to clear, never half an engine. */
async function removeFiles(home: string, { name, folder }: InstalledEngine): Promise<void> {
  const doomed = join(enginesFolder(home), `.tmp-removed-${name}-${process.pid}`);
  await rename(folder, doomed);
  await rm(doomed, { recursive: true, force: true });
  await rm(join(downloadsFolder(home), name), { recursive: true, force: true });
}
