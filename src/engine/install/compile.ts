import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../../common/errors.js';
import { readText } from '../../common/text-file.js';
import { sha256 } from '../../common/files.js';
import { ENGINE_FILES } from './manifest.js';
import { remedyFor } from './remedy.js';
import { lastLines, run } from './run.js';
import { diskFull } from './space.js';
import { type Target } from './target.js';

/** Node-API version that the binding is compiled for: stable across every Node that gearnn supports. */
export const NAPI_VERSION = 8;

/** A C++ compiler on the PATH. */
export interface Compiler {
  command: string;
  /** The first line of `--version`. */
  version: string;
}

/** What tells whether an engine's addons are those that this version of gearnn builds: the SHA-256 of all that goes into them from here. */
export async function addonSources(): Promise<string> {
  const texts = await Promise.all(
    ['prepare.cc', 'session.cc', 'kernels.cc', 'threads.cc'].map((name) => readText(ownSource(name))),
  );
  return sha256(Buffer.from([...texts, ...SESSION_CALLS, NAPI_VERSION].join('\0')));
}

/** The first of `$CXX`, `g++`, `c++` and `clang++` that runs; null where none does. */
export async function findCompiler(): Promise<Compiler | null> {
  for (const command of [process.env.CXX, 'g++', 'c++', 'clang++']) {
    if (!command) continue;
    const { status, stdout } = await run(command, ['--version'], { timeout: 30 });
    if (status === 0) return { command, version: stdout.split('\n')[0]!.trim() };
  }
  return null;
}

/** @throws E_ENGINE_COMPILER where there is none */
export async function requireCompiler(): Promise<Compiler> {
  return (
    (await findCompiler()) ??
    fail('E_ENGINE_COMPILER', {
      where: 'engine install',
      expected: 'a C++ compiler: g++, c++ or clang++ on the PATH',
      got: 'none',
      todo: `Run ${remedyFor('compiler')} and again gearnn engine install, or use --engine wasm, which needs none.`,
    })
  );
}

export interface CompileOptions {
  compiler: Compiler;
  target: Target;
  /** The engine's folder, with `lib` and the package already in it. */
  folder: string;
  /** The wheel's headers. */
  include: string;
}

/**
 * Compiles the engine's two addons into its folder: tfjs-node's binding, and the one that is loaded before it. They find the
 * libraries beside themselves, so that the folder can be moved.
 *
 * @returns the name of a header that was not found, or null when both are built
 * @throws E_ENGINE_COMPILE with what the compiler said, E_ENGINE_DISK
 */
export async function compileAddons(options: CompileOptions): Promise<string | null> {
  const { target, folder } = options;
  const binding = join(folder, ENGINE_FILES.package, 'binding');
  const missing = await compileAddon(options, {
    sources: [
      join(binding, 'tfjs_backend.cc'),
      join(binding, 'tfjs_binding.cc'),
      ownSource('session.cc'),
      ownSource('kernels.cc'),
      ownSource('threads.cc'),
    ],
    defines: SESSION_CALLS,
    includes: [join(folder, ENGINE_FILES.package), binding],
    libraries: target.libraries,
    linking: [],
    product: ENGINE_FILES.binding,
  });
  return (
    missing ??
    compileAddon(options, {
      sources: [ownSource('prepare.cc')],
      defines: [],
      includes: [],
      libraries: target.libraries.filter((name) => name.includes('framework')),
      // Needed though all its symbols are weak, and started before the library that writes the first message.
      linking: isMac(target) ? [] : ['-Wl,--no-as-needed', '-Wl,-z,initfirst'],
      product: ENGINE_FILES.prepare,
    })
  );
}

/** What `session.cc` does in TensorFlow's place. */
const SESSION_CALLS = [
  'TF_LoadSessionFromSavedModel=GearnnLoadSession',
  'TF_SessionRun=GearnnSessionRun',
  'TF_DeleteSession=GearnnDeleteSession',
  'TF_GraphOperationByName=GearnnOperationByName',
];

interface Addon {
  sources: string[];
  /** Names to replace in them: `OLD=NEW`. */
  defines: string[];
  includes: string[];
  /** Names of TensorFlow's libraries to link. */
  libraries: string[];
  /** Further arguments for the linker, before the libraries. */
  linking: string[];
  /** File name in the engine's folder. */
  product: string;
}

async function compileAddon(
  { compiler, target, folder, include }: CompileOptions,
  addon: Addon,
): Promise<string | null> {
  const result = await run(compiler.command, compileArguments(target, folder, include, addon));
  if (result.status === 0) return null;
  const missing = /fatal error: ['"]?([\w./+-]+)['"]?(?:: No such file| file not found)/.exec(result.stderr)?.[1];
  if (missing !== undefined) return missing;
  if (/No space left on device/.test(result.stderr))
    return diskFull(folder, 'a full disk while compiling', target.space.during);
  return fail('E_ENGINE_COMPILE', {
    where: `${compiler.command} (${compiler.version})`,
    expected: `to compile ${addon.product}`,
    got:
      result.stderr
        .split('\n')
        .find((line) => /error/i.test(line))
        ?.trim() ?? lastLines(result),
    todo: `Set CXX to another compiler (C++17) and run gearnn engine install again, or use --engine wasm.`,
  });
}

function compileArguments(target: Target, folder: string, include: string, addon: Addon): string[] {
  const mac = isMac(target);
  return [
    '-O3',
    '-shared',
    '-fPIC',
    '-std=c++17',
    `-DNAPI_VERSION=${NAPI_VERSION}`,
    ...addon.defines.map((define) => `-D${define}`),
    ...[nodeHeaders(), include, ...addon.includes].flatMap((path) => ['-I', path]),
    ...addon.sources,
    ...addon.linking,
    ...addon.libraries.map((name) => join(folder, ENGINE_FILES.lib, name)),
    // Node itself has the Node-API functions; macOS' linker wants to be told so.
    ...(mac ? ['-undefined', 'dynamic_lookup'] : []),
    `-Wl,-rpath,${mac ? '@loader_path' : '$ORIGIN'}/${ENGINE_FILES.lib}`,
    '-o',
    join(folder, addon.product),
  ];
}

function ownSource(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}

function isMac(target: Target): boolean {
  return target.platform.startsWith('darwin');
}

function nodeHeaders(): string {
  return join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
}
