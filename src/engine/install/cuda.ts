import { type Progress } from '../../common/progress.js';
import { type EngineFile } from './manifest.js';
import { Wheel } from './wheel.js';

/**
 * The NVIDIA packages that a TensorFlow wheel wants beside it, as pip writes them: `nvidia-cublas-cu12<13.0,>=12.5.3.2`.
 *
 * @param requires the wheel's `Requires-Dist` lines
 */
export function cudaRequirements(requires: string[]): string[] {
  return requires.flatMap((line) => {
    const [requirement = '', marker = ''] = line.split(';');
    return /extra\s*==\s*['"]and-cuda['"]/.test(marker) ? [requirement.replace(/[\s()]/g, '')] : [];
  });
}

/**
 * Unpacks the libraries of `nvidia-*` wheels into `nvidia/` of the engine's folder: TensorFlow's libraries in `lib/` look for them
 * in `$ORIGIN/../nvidia/`, so no CUDA has to be installed on the system.
 */
export async function unpackCuda(wheels: string[], folder: string, progress?: Progress): Promise<EngineFile[]> {
  const files: EngineFile[] = [];
  for (const [done, path] of wheels.entries()) {
    progress?.({ task: 'unpack CUDA', done, total: wheels.length, unit: 'packages' });
    const wheel = await Wheel.open(path);
    try {
      const wanted = wheel.files((name) =>
        name.startsWith('nvidia/') && !/\/include\/|\.(py|h|a)$/.test(name) ? name : null,
      );
      files.push(...(await wheel.extract(wanted, folder)));
    } finally {
      await wheel.close();
    }
  }
  if (wheels.length > 0)
    progress?.({ task: 'unpack CUDA', done: wheels.length, total: wheels.length, unit: 'packages' });
  return files;
}
