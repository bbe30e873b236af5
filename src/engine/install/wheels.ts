import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GearnnError } from '../../common/errors.js';
import { type Progress } from '../../common/progress.js';
import { cudaRequirements } from './cuda.js';
import { downloadWheels } from './download.js';
import { requirePython } from './python.js';
import { type Target } from './target.js';
import { Wheel } from './wheel.js';

/** The wheels that an engine is made of, as files. */
export interface EngineWheels {
  tensorflow: string;
  /** NVIDIA's, for a GPU engine. */
  cuda: string[];
}

export interface FetchOptions {
  target: Target;
  version: string;
  /** A wheel on disk instead of TensorFlow's from the index. */
  from?: string;
  /** Where downloaded wheels are kept until the engine is installed. */
  folder: string;
  progress?: Progress;
}

/**
 * Fetches what is not there yet, and hands the wheels to `use`. A wheel left by an interrupted installation that turns out to be damaged
 * is fetched anew, once.
 *
 * @throws what downloading throws, and whatever `use` throws
 */
export async function withWheels<T>(options: FetchOptions, use: (wheels: EngineWheels) => Promise<T>): Promise<T> {
  const left = await wheelsIn(options.folder);
  try {
    return await use(await fetchWheels(options));
  } catch (error) {
    const damaged =
      error instanceof GearnnError && (error.code === 'E_ENGINE_WHEEL' || error.code === 'E_ENGINE_CHECKSUM');
    if (!damaged || left.length === 0) throw error;
    await rm(options.folder, { recursive: true, force: true });
    return use(await fetchWheels(options));
  }
}

async function fetchWheels({ target, version, from, folder, progress }: FetchOptions): Promise<EngineWheels> {
  const own = `${target.project.replace('-', '_')}-`;
  const fetch = async (requirements: string[], total: number): Promise<void> =>
    downloadWheels({ python: await requirePython(), target, requirements, folder, total, progress });
  const isOwn = (name: string): boolean => name.startsWith(own);
  if (from === undefined && !(await wheelsIn(folder)).some(isOwn))
    await fetch([`${target.project}==${version}`], target.space.wheel);
  const tensorflow = from ?? join(folder, (await wheelsIn(folder)).find(isOwn)!);
  if (!target.gpu) return { tensorflow, cuda: [] };

  const wheel = await Wheel.open(tensorflow);
  const requirements = cudaRequirements(wheel.requires);
  await wheel.close();
  const nvidia = (names: string[]): string[] => names.filter((name) => name.startsWith('nvidia_'));
  // pip skips those that are whole and in place already.
  if (nvidia(await wheelsIn(folder)).length < requirements.length) await fetch(requirements, target.space.cuda);
  return { tensorflow, cuda: nvidia(await wheelsIn(folder)).map((name) => join(folder, name)) };
}

async function wheelsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => name.endsWith('.whl')).sort();
}
