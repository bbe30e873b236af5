import { userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fail } from '../../common/errors.js';

/**
 * The folder in which gearnn keeps what it installs, shared by every checkout and every version of gearnn:
 * `GEARNN_HOME`, or `gearnn` in the system's cache folder. An `XDG_CACHE_HOME` that is no absolute path counts for nothing, as its
 * specification has it: it would name another folder in each.
 *
 * @param environment where the variables are read; given by tests
 * @throws E_ENGINE_CACHE where the system knows no home folder of this user
 */
export function gearnnHome(environment: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  if (environment.GEARNN_HOME) return resolve(environment.GEARNN_HOME);
  const home = environment.HOME || systemHome();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'gearnn');
  const cache = environment.XDG_CACHE_HOME ?? '';
  return join(isAbsolute(cache) ? cache : join(home, '.cache'), 'gearnn');
}

function systemHome(): string {
  try {
    // What the system's list of users says; `homedir` takes an empty HOME for a folder.
    return userInfo().homedir;
  } catch (cause) {
    return failCache('HOME', 'no home folder of this user', cause);
  }
}

/** Throws that the cache folder cannot be used, for a reason that the system gives. */
export function failCache(where: string, got: string, cause?: unknown): never {
  return fail('E_ENGINE_CACHE', {
    where,
    expected: 'a cache folder that can be read and written',
    got,
    todo: 'Set GEARNN_HOME to a folder of yours, or use --engine wasm, which needs none.',
    cause,
  });
}

/** Where installed engines lie, one folder each. */
export function enginesFolder(home: string): string {
  return join(home, 'engines');
}

/** Where a downloaded wheel lies until its engine is installed, so that an interrupted install need not fetch it again. */
export function downloadsFolder(home: string): string {
  return join(home, 'downloads');
}
