import { cp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fail } from '../../common/errors.js';
import { ENGINE_FILES } from './manifest.js';
import { lastLines, run } from './run.js';
import { readText } from '../../common/text-file.js';
import { makeFolder } from '../../common/folders.js';

/** The release whose binding sources and kernels gearnn builds on; its kernels fit @tensorflow/tfjs of the same number. */
const TFJS_NODE_VERSION = '4.22.0';

const TFJS_NODE = '@tensorflow/tfjs-node-gpu';
const PROTOBUF = 'google-protobuf';

/**
 * Puts the engine's own copy of @tensorflow/tfjs-node-gpu, with `google-protobuf` inside it, into the engine's folder: from the project's
 * `node_modules` where npm left it, else from the npm registry. npm drops the package, an optional dependency, where its own installer fails.
 *
 * @param from the module whose `node_modules` are looked through; given by tests
 * @returns the package's version
 * @throws E_ENGINE_PACKAGE if it can be had from neither
 */
export async function installPackage(folder: string, from: string = import.meta.url): Promise<string> {
  const target = join(folder, ENGINE_FILES.package);
  const own = await findOwn(from);
  const fetched = join(folder, '.packages');
  try {
    const { tfjsNode, protobuf } = own ?? (await fetchPackages(fetched));
    await copyPackage(tfjsNode, target);
    await copyPackage(protobuf, join(target, 'node_modules', PROTOBUF));
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
  return TFJS_NODE_VERSION;
}

interface PackageFolders {
  tfjsNode: string;
  protobuf: string;
}

async function findOwn(from: string): Promise<PackageFolders | null> {
  try {
    const manifest = createRequire(from).resolve(`${TFJS_NODE}/package.json`);
    const { version } = JSON.parse(await readText(manifest)) as { version: string };
    if (version !== TFJS_NODE_VERSION) return null;
    return {
      tfjsNode: dirname(manifest),
      protobuf: dirname(createRequire(manifest).resolve(`${PROTOBUF}/package.json`)),
    };
  } catch {
    return null;
  }
}

async function fetchPackages(folder: string): Promise<PackageFolders> {
  await makeFolder(folder);
  const specs = [`${TFJS_NODE}@${TFJS_NODE_VERSION}`, `${PROTOBUF}@^3.9.2`];
  const packed = await run('npm', ['pack', ...specs, '--ignore-scripts', '--json', '--pack-destination', folder]);
  if (packed.status !== 0) noPackage(lastLines(packed));
  const names = (JSON.parse(packed.stdout) as { name: string; version: string }[]).map(({ name, version }) => ({
    name,
    archive: join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
  }));
  for (const { name, archive } of names) {
    await makeFolder(join(folder, name));
    const unpacked = await run('tar', ['-xzf', archive, '-C', join(folder, name), '--strip-components=1']);
    if (unpacked.status !== 0) noPackage(lastLines(unpacked));
  }
  return { tfjsNode: join(folder, TFJS_NODE), protobuf: join(folder, PROTOBUF) };
}

function noPackage(got: string): never {
  return fail('E_ENGINE_PACKAGE', {
    where: 'engine install',
    expected: `${TFJS_NODE} ${TFJS_NODE_VERSION} from node_modules or the npm registry`,
    got,
    todo: `Run npm install --ignore-scripts ${TFJS_NODE}@${TFJS_NODE_VERSION} and then gearnn engine install again.`,
  });
}

/** Leaves out what is never loaded: the package's own TensorFlow and addon, its tests, types, TypeScript sources and dependencies. */
async function copyPackage(from: string, to: string): Promise<void> {
  const skipped = new Set(['deps', 'lib', 'src', 'scripts', 'build', 'node_modules'].map((name) => join(from, name)));
  await cp(from, to, {
    recursive: true,
    dereference: true,
    filter: (path) => !skipped.has(path) && !/(_test\.js|\.d\.ts)$/.test(path.slice(path.lastIndexOf(sep))),
  });
}
