import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../common/errors.js';
import { type InstalledEngine, listEngines } from './install/check.js';
import { gearnnHome } from './install/home.js';
import { ENGINE_FILES, type EngineManifest } from './install/manifest.js';
import { olderThan } from './install/target.js';

/** A TensorFlow that `gearnn engine install` put into the cache folder; all paths are absolute. */
export interface TensorflowInstall {
  folder: string;
  /** The compiled binding, a `.node` file; it finds TensorFlow's libraries beside itself. */
  binding: string;
  /** The addon to load before it; null in an engine that an older gearnn installed. */
  prepare: string | null;
  /** The `dist` folder of the engine's own copy of @tensorflow/tfjs-node-gpu. Its `google-protobuf` lies beside it, `@tensorflow/tfjs` does not. */
  dist: string;
  /** TensorFlow's version: `2.21.0`. */
  version: string;
  gpu: boolean;
  /** `linux-x64`: Node's names. */
  platform: string;
  /** Node-API version of the binding. */
  napi: number;
  /** Version of the copy of @tensorflow/tfjs-node-gpu. */
  tfjsNode: string;
}

export interface LocateOptions {
  /** The cache folder; `gearnnHome()` by default. */
  home?: string;
  /** Only an engine with (or without) CUDA; by default CUDA's is preferred where the machine has an NVIDIA driver. */
  gpu?: boolean;
  /** Only this version of TensorFlow; the newest by default. */
  version?: string;
}

/**
 * The installed TensorFlow to use on this machine.
 *
 * @returns null where none is installed
 * @throws E_ENGINE_DAMAGED where one is installed but files of it are missing or have another size
 */
export async function locateTensorflow(options: LocateOptions = {}): Promise<TensorflowInstall | null> {
  const platform = `${process.platform}-${process.arch}`;
  const wanted = (manifest: EngineManifest): boolean =>
    manifest.platform === platform &&
    (options.gpu === undefined || manifest.gpu === options.gpu) &&
    (options.version === undefined || manifest.tensorflow === options.version);
  const engines = await listEngines(options.home ?? gearnnHome());
  const candidates = engines.filter(({ manifest }) => manifest === null || wanted(manifest));
  const whole = candidates.filter(({ problems }) => problems.length === 0);
  if (whole.length > 0) return describe(whole.sort(byPreference)[0]!);
  const damaged = candidates[0];
  if (damaged === undefined) return null;
  return fail('E_ENGINE_DAMAGED', {
    where: damaged.folder,
    expected: 'every file that was installed',
    got: damaged.problems.slice(0, 3).join('; '),
    todo: 'Run gearnn engine install, which replaces it.',
  });
}

function byPreference(a: InstalledEngine, b: InstalledEngine): number {
  const [left, right] = [a.manifest!, b.manifest!];
  if (left.gpu !== right.gpu) return left.gpu === hasNvidiaDriver() ? -1 : 1;
  return olderThan(left.tensorflow, right.tensorflow) ? 1 : -1;
}

function hasNvidiaDriver(): boolean {
  return existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidiactl');
}

function describe({ folder, manifest }: InstalledEngine): TensorflowInstall {
  return {
    folder,
    binding: join(folder, ENGINE_FILES.binding),
    prepare: manifest!.files.some(({ path }) => path === ENGINE_FILES.prepare)
      ? join(folder, ENGINE_FILES.prepare)
      : null,
    dist: join(folder, ENGINE_FILES.package, 'dist'),
    version: manifest!.tensorflow,
    gpu: manifest!.gpu,
    platform: manifest!.platform,
    napi: manifest!.napi,
    tfjsNode: manifest!.tfjsNode,
  };
}
