import { join } from 'node:path';
import { type Progress } from '../../common/progress.js';
import { megabytes } from './space.js';
import { ENGINE_FILES, type EngineFile } from './manifest.js';
import { type Target } from './target.js';
import { notTensorflow, type Wheel } from './wheel.js';

/** The headers that the addons include, directly or not; 55 MB of the wheel's 269. */
const HEADERS = [
  ...['tensorflow/c/', 'tensorflow/core/', 'tsl/', 'xla/tsl/', 'absl/', 'google/protobuf/', 'Eigen/'],
  'unsupported/Eigen/',
];

/** The engine's folder that the headers are in while its binding is compiled. */
export const INCLUDE = 'include';

export interface UnpackOptions {
  wheel: Wheel;
  target: Target;
  folder: string;
  progress?: Progress;
}

/**
 * Unpacks TensorFlow's libraries, and the headers to compile against, into an engine's folder.
 *
 * @returns the libraries
 * @throws E_ENGINE_WHEEL if it is no TensorFlow for this target, E_ENGINE_CHECKSUM
 */
export async function unpackTensorflow({ wheel, target, folder, progress }: UnpackOptions): Promise<EngineFile[]> {
  const arch = target.platform.endsWith('x64') ? 'x86_64' : target.platform.startsWith('linux') ? 'aarch64' : 'arm64';
  if (!wheel.platforms.some((tag) => tag.endsWith(arch)))
    notTensorflow(wheel.path, `one for ${wheel.platforms.join(', ')}`);
  const libraries = wheel.files((name) =>
    target.libraries.some((library) => name === `tensorflow/${library}`)
      ? join(ENGINE_FILES.lib, name.slice(11))
      : null,
  );
  if (libraries.length !== target.libraries.length)
    notTensorflow(wheel.path, `none of ${target.libraries.join(', ')} in it`);
  const task = 'unpack TensorFlow';
  const total = megabytes(libraries.reduce((sum, { entry }) => sum + entry.size, 0));
  let bytes = 0;
  let done = -1;
  const onBytes = (more: number): void => {
    bytes += more;
    if (megabytes(bytes) === done) return;
    done = megabytes(bytes);
    progress?.({ task, done, total, unit: 'MB' });
  };
  const files = await wheel.extract(libraries, folder, onBytes);
  await wheel.extract(headers(wheel, HEADERS), folder);
  return files;
}

/** Unpacks every header, for a release whose C headers include others than those that usually suffice. */
export async function unpackAllHeaders(wheel: Wheel, folder: string): Promise<void> {
  await wheel.extract(headers(wheel, ['']), folder);
}

function headers(wheel: Wheel, prefixes: string[]): ReturnType<Wheel['files']> {
  const root = 'tensorflow/include/';
  return wheel.files((name) =>
    /(\.(h|inc|def)|\/[A-Z]\w*)$/.test(name) && prefixes.some((prefix) => name.startsWith(root + prefix))
      ? join(INCLUDE, name.slice(root.length))
      : null,
  );
}
