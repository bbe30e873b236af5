import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Packages of Python that tests compare with; scripts/test-tools.sh installs them. */
const PYTHON_MODULES: Record<string, string> = {
  moto: 'moto.server',
  numpy: 'numpy',
  onnx: 'onnx',
  onnxruntime: 'onnxruntime',
  Pillow: 'PIL',
  pycocotools: 'pycocotools',
  safetensors: 'safetensors',
  'scikit-learn': 'sklearn',
  tensorflow: 'tensorflow',
  tritonclient: 'tritonclient.http',
  'tritonclient.grpc': 'tritonclient.grpc',
};

/**
 * Makes a test depend on a tool of the machine: skips the test with a line that says how to get it, and fails it
 * where CI is set, since a check that never runs there checks nothing.
 *
 * @param name a Python package (`numpy`, `Pillow`, `safetensors`) or a program on the PATH
 * @returns the program to call: the Python that has the package, or the path of the program
 */
export function requireTool(test: Mocha.Context, name: string): string {
  const found = name in PYTHON_MODULES ? findPython(PYTHON_MODULES[name]!) : findProgram(name);
  if (found !== undefined) return found;
  return missing(test, `needs ${name}; CONTRIBUTING.md says how to get the tools of the tests`);
}

/**
 * As {@link requireTool}, for a program that cannot be had for every system: skipped where it is missing, in CI too.
 *
 * @returns the path of the program, on the PATH or among the tools of scripts/test-tools.sh
 */
export function optionalTool(test: Mocha.Context, name: string): string {
  const own = join(toolsFolder(), name);
  const found = existsSync(own) ? own : findProgram(name);
  return found ?? unsupported(test, `lacks ${name}, which scripts/test-tools.sh installs where it runs`);
}

/** Skips the running test, or fails it where CI is set. */
export function missing(test: Mocha.Context, reason: string): never {
  if (isContinuousIntegration()) throw new Error(`CI is set, so nothing may be skipped: this test ${reason}`);
  process.stderr.write(`    skipped: ${reason}\n`);
  return test.skip() as never;
}

/** Skips the running test where the machine itself cannot run it, in CI too: nothing that is installed would help. */
export function unsupported(test: Mocha.Context, reason: string): never {
  process.stderr.write(`    skipped: this machine ${reason}\n`);
  return test.skip() as never;
}

export function isContinuousIntegration(): boolean {
  return ['true', '1'].includes(process.env['CI'] ?? '');
}

/** The first Python that can import a module: GEARNN_PYTHON, the one of scripts/test-tools.sh, the system's. */
function findPython(module: string): string | undefined {
  const candidates = [process.env['GEARNN_PYTHON'], join(toolsFolder(), 'python'), findProgram('python3')];
  return candidates.find((python) => python && existsSync(python) && canImport(python, module));
}

/** Where scripts/test-tools.sh puts programs. */
function toolsFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn/test-tools/bin');
}

const imports = new Map<string, boolean>();

function canImport(python: string, module: string): boolean {
  const key = `${python} ${module}`;
  if (!imports.has(key)) imports.set(key, succeeds(python, ['-c', `import ${module}`]));
  return imports.get(key)!;
}

function succeeds(program: string, parameters: string[]): boolean {
  try {
    execFileSync(program, parameters, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
