import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { remedyFor } from './remedy.js';
import { run } from './run.js';

/** Pythons on the PATH that others of the same name hide, by their whole paths: a virtual environment hides the system's, which has pip. */
export function looksOnPath(path: string = process.env.PATH ?? ''): string[] {
  const folders = [...new Set(path.split(delimiter).filter((folder) => folder !== ''))];
  return ['python3', 'python'].flatMap((name) =>
    folders
      .map((folder) => join(folder, name))
      .filter((file) => existsSync(file))
      .slice(1),
  );
}

/** What a Python says of itself: one word each, where it is so. */
const LOOK = `
import importlib.util, os, sys, sysconfig
print(sys.executable)
if sys.prefix != sys.base_prefix: print('venv')
if importlib.util.find_spec('ensurepip'): print('ensurepip')
if os.path.exists(os.path.join(sysconfig.get_path('stdlib'), 'EXTERNALLY-MANAGED')): print('managed')
if os.access(sysconfig.get_path('purelib'), os.W_OK): print('writable')
`;

/**
 * The one command that brings pip into a Python that has none, where a command does: into a virtual environment the system's package manager
 * brings nothing, and a Python that is managed from outside (PEP 668) refuses `ensurepip`.
 *
 * @param command the Python
 */
export async function pipRemedy(command: string): Promise<string> {
  const [executable = command, ...words] = (await run(command, ['-c', LOOK], { timeout: 30 })).stdout
    .trim()
    .split('\n');
  const is = (word: string): boolean => words.includes(word);
  if (is('venv')) {
    if (onPath('uv')) return `uv pip install --python ${quoted(executable)} pip`;
    // Debian keeps ensurepip in a package of its own.
    if (is('ensurepip')) return `${quoted(executable)} -m ensurepip --upgrade`;
    return `deactivate && ${remedyFor('pip')}`;
  }
  if (is('ensurepip') && !is('managed') && !isOfSystem(executable)) {
    return `${quoted(executable)} -m ensurepip --upgrade${is('writable') ? '' : ' --user'}`;
  }
  return remedyFor('pip');
}

/** Whether the package manager looks after a Python. */
function isOfSystem(executable: string): boolean {
  return /^\/(usr\/)?bin\//.test(executable);
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
