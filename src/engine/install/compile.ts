import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fail } from '../../common/errors.js';
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
 * Compiles the binding's two sources into the engine's folder. The binding finds the libraries beside itself, so that the folder can be moved.
 *
 * @returns the name of a header that was not found, or null when the binding is built
 * @throws E_ENGINE_COMPILE with what the compiler said, E_ENGINE_DISK
 */
export async function compileBinding({ compiler, target, folder, include }: CompileOptions): Promise<string | null> {
  const sources = join(folder, ENGINE_FILES.package);
  const result = await run(compiler.command, compileArguments(target, folder, sources, include));
  if (result.status === 0) return null;
  const missing = /fatal error: ['"]?([\w./+-]+)['"]?(?:: No such file| file not found)/.exec(result.stderr)?.[1];
  if (missing !== undefined) return missing;
  if (/No space left on device/.test(result.stderr))
    return diskFull(folder, 'a full disk while compiling', target.space.during);
  return fail('E_ENGINE_COMPILE', {
    where: `${compiler.command} (${compiler.version})`,
    expected: "to compile tfjs-node's binding",
    got:
      result.stderr
        .split('\n')
        .find((line) => /error/i.test(line))
        ?.trim() ?? lastLines(result),
    todo: `Set CXX to another compiler (C++17) and run gearnn engine install again, or use --engine wasm.`,
  });
}

function compileArguments(target: Target, folder: string, sources: string, include: string): string[] {
  const mac = target.platform.startsWith('darwin');
  const includes = [nodeHeaders(), include, sources, join(sources, 'binding')].flatMap((path) => ['-I', path]);
  return [
    '-O2',
    '-shared',
    '-fPIC',
    '-std=c++17',
    `-DNAPI_VERSION=${NAPI_VERSION}`,
    ...includes,
    join(sources, 'binding', 'tfjs_backend.cc'),
    join(sources, 'binding', 'tfjs_binding.cc'),
    ...target.libraries.map((name) => join(folder, ENGINE_FILES.lib, name)),
    // Node itself has the Node-API functions; macOS' linker wants to be told so.
    ...(mac ? ['-undefined', 'dynamic_lookup'] : []),
    `-Wl,-rpath,${mac ? '@loader_path' : '$ORIGIN'}/${ENGINE_FILES.lib}`,
    '-o',
    join(folder, ENGINE_FILES.binding),
  ];
}

function nodeHeaders(): string {
  return join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
}
