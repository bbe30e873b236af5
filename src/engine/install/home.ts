import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder in which gearnn keeps what it installs, shared by every checkout and every version of gearnn:
 * `GEARNN_HOME`, or `gearnn` in the system's cache folder.
 *
 * @param environment where the variables are read; given by tests
 */
export function gearnnHome(environment: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  if (environment.GEARNN_HOME) return resolve(environment.GEARNN_HOME);
  const home = environment.HOME || homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'gearnn');
  return join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'gearnn');
}

/** Where installed engines lie, one folder each. */
export function enginesFolder(home: string): string {
  return join(home, 'engines');
}

/** Where a downloaded wheel lies until its engine is installed, so that an interrupted install need not fetch it again. */
export function downloadsFolder(home: string): string {
  return join(home, 'downloads');
}
