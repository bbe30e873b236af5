import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../common/errors.js';
import { type InstalledEngine, listEngines } from './check.js';
import { downloadsFolder, enginesFolder, gearnnHome } from './home.js';
import { withLock } from './lock.js';

export interface RemoveOptions {
  /** The cache folder, `gearnnHome()` by default. */
  home?: string;
}

/**
 * Removes one installed engine, whole or damaged, and wheels kept for it.
 *
 * @param name as `listEngines` gives it; left out, the only one there is
 * @returns what was removed
 * @throws E_ENGINE_MISSING where there is none of that name, E_USAGE where there are several and none is named
 */
export async function removeEngine(
  name?: string,
  { home = gearnnHome() }: RemoveOptions = {},
): Promise<InstalledEngine> {
  const engines = await listEngines(home);
  const names = engines.map((engine) => engine.name).join(', ') || 'none';
  if (name === undefined && engines.length > 1)
    fail('E_USAGE', {
      where: 'engine remove',
      expected: `one of ${names}`,
      got: 'no name',
      todo: 'Name one, or give --all.',
    });
  const engine = engines.find((candidate) => name === undefined || candidate.name === name);
  if (engine === undefined)
    return fail('E_ENGINE_MISSING', {
      where: 'engine remove',
      expected: `an installed engine (there: ${names})`,
      got: name ?? 'none',
      todo: 'gearnn engine list shows what is installed.',
    });
  await withLock(join(enginesFolder(home), '.lock'), async () => {
    // Renamed first: a removal that is interrupted leaves a leftover for the next installation to clear, never half an engine.
    const doomed = join(enginesFolder(home), `.tmp-removed-${engine.name}-${process.pid}`);
    await rename(engine.folder, doomed);
    await rm(doomed, { recursive: true, force: true });
    await rm(join(downloadsFolder(home), engine.name), { recursive: true, force: true });
  });
  return engine;
}

/** Removes every installed engine and every download; returns the engines that were there. */
export async function removeAllEngines({ home = gearnnHome() }: RemoveOptions = {}): Promise<InstalledEngine[]> {
  const engines = await listEngines(home);
  for (const { name } of engines) await removeEngine(name, { home });
  await rm(downloadsFolder(home), { recursive: true, force: true });
  return engines;
}
