import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256File, writeJsonAtomic } from '../../common/files.js';
import { type Progress } from '../../common/progress.js';
import { addonSources, compileAddons, type Compiler, NAPI_VERSION } from './compile.js';
import { unpackCuda } from './cuda.js';
import { fail } from '../../common/errors.js';
import { INCLUDE, unpackAllHeaders, unpackTensorflow } from './libraries.js';
import { ENGINE_FILES, type EngineFile, type EngineManifest, MANIFEST } from './manifest.js';
import { installPackage } from './package.js';
import { type Target } from './target.js';
import { tryAddons } from './try.js';
import { Wheel } from './wheel.js';
import { type EngineWheels } from './wheels.js';
import { makeFolder } from '../../common/folders.js';

export interface BuildOptions {
  wheels: EngineWheels;
  target: Target;
  compiler: Compiler;
  /** The engine's name, and the empty or missing folder to build it in. */
  name: string;
  folder: string;
  progress?: Progress;
}

/**
 * Builds a whole engine in a folder: libraries from the wheels, the package, the addons compiled and tried, the manifest written last.
 * What is in the folder is removed first.
 *
 * @throws E_ENGINE_WHEEL, E_ENGINE_CHECKSUM, E_ENGINE_PACKAGE, E_ENGINE_COMPILE, E_ENGINE_LOAD, E_ENGINE_DISK
 */
export async function buildEngine({
  wheels,
  target,
  compiler,
  name,
  folder,
  progress,
}: BuildOptions): Promise<EngineManifest> {
  await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  const wheel = await Wheel.open(wheels.tensorflow);
  try {
    const libraries = await unpackTensorflow({ wheel, target, folder, progress });
    const cuda = await unpackCuda(wheels.cuda, folder, progress);
    progress?.({ task: 'build the binding', done: 0, total: 3, unit: 'steps' });
    const tfjsNode = await installPackage(folder);
    progress?.({ task: 'build the binding', done: 1, total: 3, unit: 'steps' });
    await compile({ wheel, target, compiler, folder });
    progress?.({ task: 'build the binding', done: 2, total: 3, unit: 'steps' });
    await tryAddons([ENGINE_FILES.prepare, ENGINE_FILES.binding].map((addon) => join(folder, addon)));
    progress?.({ task: 'build the binding', done: 3, total: 3, unit: 'steps' });
    const manifest: EngineManifest = {
      format: 'gearnn-engine',
      version: 1,
      name,
      tensorflow: wheel.version,
      platform: target.platform,
      gpu: target.gpu,
      tfjsNode,
      napi: NAPI_VERSION,
      wheels: [wheels.tensorflow, ...wheels.cuda].map((path) => basename(path)),
      compiler: compiler.version,
      sources: await addonSources(),
      installed: new Date().toISOString(),
      files: [
        ...libraries,
        ...cuda,
        ...(await describeFiles(folder, [ENGINE_FILES.binding, ENGINE_FILES.prepare, ENGINE_FILES.package])),
      ],
    };
    await writeJsonAtomic(join(folder, MANIFEST), manifest);
    return manifest;
  } finally {
    await wheel.close();
  }
}

async function compile({
  wheel,
  target,
  compiler,
  folder,
}: Pick<BuildOptions, 'target' | 'compiler' | 'folder'> & { wheel: Wheel }): Promise<void> {
  const include = join(folder, INCLUDE);
  const options = { compiler, target, folder, include };
  if ((await compileAddons(options)) !== null) {
    await unpackAllHeaders(wheel, folder);
    const missing = await compileAddons(options);
    if (missing !== null)
      fail('E_ENGINE_COMPILE', {
        where: basename(wheel.path),
        expected: "every header that tfjs-node's binding includes",
        got: `no ${missing}`,
        todo: 'Leave --tensorflow out to take the version that gearnn is tested on.',
      });
  }
  await rm(include, { recursive: true });
}

/** Size and SHA-256 of files, and of all files in folders; paths relative to `root`. */
async function describeFiles(root: string, paths: string[]): Promise<EngineFile[]> {
  const files: EngineFile[] = [];
  for (const path of paths) {
    const found = await stat(join(root, path));
    if (found.isDirectory())
      files.push(
        ...(await describeFiles(
          root,
          (await readdir(join(root, path))).sort().map((name) => join(path, name)),
        )),
      );
    else files.push({ path, size: found.size, sha256: await sha256File(join(root, path)) });
  }
  return files;
}
