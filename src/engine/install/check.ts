import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256File } from '../../common/files.js';
import { explainSystemError } from '../../common/system-error.js';
import { enginesFolder, failCache } from './home.js';
import { type EngineManifest, readManifest } from './manifest.js';

/** An engine found in the cache folder, whether it is whole or not. */
export interface InstalledEngine {
  name: string;
  folder: string;
  /** null where the manifest cannot be read. */
  manifest: EngineManifest | null;
  /** Bytes of all its files, by the manifest. */
  size: number;
  /** What is wrong, one sentence each; empty for a whole engine. */
  problems: string[];
}

export interface CheckOptions {
  /** Compare each file's SHA-256 too (seconds), not only its size (milliseconds). */
  verify?: boolean;
}

/**
 * Every engine in the cache folder, in the order of its name.
 *
 * @returns an empty list where nothing was ever installed
 * @throws E_ENGINE_CACHE where the folder cannot be read
 */
export async function listEngines(home: string, options: CheckOptions = {}): Promise<InstalledEngine[]> {
  const folder = enginesFolder(home);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    failCache(folder, explainSystemError(error)?.parts.got ?? (error as Error).message, error);
  }
  const engines: InstalledEngine[] = [];
  // Names with a dot in front are the lock and the installations under way.
  for (const name of names.filter((entry) => !entry.startsWith('.')).sort())
    engines.push(await checkEngine(join(folder, name), name, options));
  return engines;
}

/** Compares an engine's folder with its manifest. */
export async function checkEngine(
  folder: string,
  name: string,
  { verify = false }: CheckOptions = {},
): Promise<InstalledEngine> {
  let manifest: EngineManifest;
  try {
    manifest = await readManifest(folder);
  } catch (error) {
    return { name, folder, manifest: null, size: 0, problems: [(error as Error).message] };
  }
  const problems: string[] = [];
  for (const file of manifest.files) {
    const path = join(folder, file.path);
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) problems.push(`${file.path} is missing`);
    else if (size !== file.size) problems.push(`${file.path} has ${size} bytes, not ${file.size}`);
    else if (verify && (await sha256File(path)) !== file.sha256)
      problems.push(`${file.path} has another content than was installed`);
  }
  return { name, folder, manifest, size: manifest.files.reduce((sum, file) => sum + file.size, 0), problems };
}
