import { randomUUID } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GearnnError } from '../../common/errors.js';
import { syncFolder } from '../../common/files.js';
import { type Progress } from '../../common/progress.js';
import { buildEngine } from './build.js';
import { checkEngine, type InstalledEngine } from './check.js';
import { requireCompiler } from './compile.js';
import { isCurrent } from './current.js';
import { downloadsFolder, enginesFolder, gearnnHome } from './home.js';
import { withHomeLock } from './lock.js';
import { ENGINE_FILES } from './manifest.js';
import { removeLeftovers } from './remove.js';
import { diskFull, requireSpace } from './space.js';
import { engineName, targetOf, TENSORFLOW_VERSION } from './target.js';
import { tryAddons } from './try.js';
import { notTensorflow, Wheel } from './wheel.js';
import { withWheels } from './wheels.js';

export interface InstallOptions {
  /** TensorFlow with CUDA, and NVIDIA's libraries beside it. */
  gpu?: boolean;
  /** TensorFlow's version, {@link TENSORFLOW_VERSION} by default. */
  version?: string;
  /** A wheel on disk to install instead of one from the package index; it decides the version. */
  from?: string;
  /** Install again where a whole engine is there. */
  force?: boolean;
  /** The cache folder, `gearnnHome()` by default. */
  home?: string;
  progress?: Progress;
}

export interface InstallResult {
  engine: InstalledEngine;
  /** False where the engine was there already, whole and loadable. */
  installed: boolean;
}

/**
 * Puts TensorFlow, its binding compiled for Node, and the JavaScript that drives it into the cache folder.
 *
 * Everything happens in a folder beside the target, which one rename puts in place; downloaded wheels stay in `downloads/` until then, so an
 * installation that was interrupted at any moment need not fetch them again. Two installations at once wait for each other.
 *
 * @throws every E_ENGINE_* of docs/engine.md; nothing but whole wheels is left behind then
 */
export async function installTensorflow(options: InstallOptions = {}): Promise<InstallResult> {
  const { gpu = false, from, force = false, home = gearnnHome(), progress } = options;
  const target = targetOf(gpu);
  const version = from === undefined ? (options.version ?? TENSORFLOW_VERSION) : await wheelVersion(from);
  const name = engineName(version, target.platform, gpu);
  const engines = enginesFolder(home);
  const folder = join(engines, name);

  const present = force ? null : await usableEngine(folder, name);
  if (present) return { engine: present, installed: false };
  const compiler = await requireCompiler();
  await requireSpace(home, target.space.during);

  const install = async (): Promise<InstallResult> => {
    const meanwhile = force ? null : await usableEngine(folder, name);
    if (meanwhile) return { engine: meanwhile, installed: false };
    await removeLeftovers(home);
    const staging = join(engines, `.tmp-${name}-${randomUUID().slice(0, 8)}`);
    const downloads = join(downloadsFolder(home), name);
    try {
      const fetching = { target, version, from, folder: downloads, progress };
      await withWheels(fetching, (wheels) =>
        buildEngine({ wheels, target, compiler, name, folder: staging, progress }),
      );
      await putInPlace(staging, folder);
    } catch (error) {
      await rm(staging, { recursive: true, force: true });
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') diskFull(home, 'a full disk', target.space.during, error);
      throw error;
    }
    await rm(downloads, { recursive: true, force: true });
    return { engine: await checkEngine(folder, name), installed: true };
  };
  return withHomeLock(home, install, progress);
}

/** The engine if it is whole, its addons are those that this version of gearnn builds, and is loaded by this Node. */
async function usableEngine(folder: string, name: string): Promise<InstalledEngine | null> {
  const engine = await checkEngine(folder, name);
  if (engine.problems.length > 0 || !(await isCurrent(engine))) return null;
  try {
    await tryAddons([ENGINE_FILES.prepare, ENGINE_FILES.binding].map((addon) => join(folder, addon)));
    return engine;
  } catch (error) {
    if (error instanceof GearnnError) return null;
    throw error;
  }
}

async function wheelVersion(path: string): Promise<string> {
  if (!(await stat(path).catch(() => null))?.isFile()) notTensorflow(path, 'no such file');
  const wheel = await Wheel.open(path);
  await wheel.close();
  if (!/^tensorflow([-_.]cpu)?$/i.test(wheel.project)) notTensorflow(path, `a wheel of ${wheel.project}`);
  return wheel.version;
}

/** Renames a finished folder to its name; a folder that has the name already goes first. */
async function putInPlace(staging: string, folder: string): Promise<void> {
  const old = `${staging}.old`;
  await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(staging, folder);
  await syncFolder(join(folder, '..'));
  await rm(old, { recursive: true, force: true });
}
