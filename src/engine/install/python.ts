import { fail } from '../../common/errors.js';
import { looksOnPath, pipRemedy } from './pip-remedy.js';
import { remedyFor } from './remedy.js';
import { run } from './run.js';
import { olderThan } from './target.js';

/** Older ones take a single --platform (before 20.3), or look for `cp3_12` where a wheel says `cp312` (before 20.3.2). */
export const OLDEST_PIP = '20.3.2';

/** A Python that has pip. */
export interface Python {
  /** `python3` or `python`; the whole path of one that another hides on the PATH. */
  command: string;
  /** `3.11.7` */
  version: string;
  /** pip's version; empty where this Python has none. */
  pip: string;
}

/**
 * The first of `python3` and `python` on the PATH that is a Python 3, those with pip before those without, as a virtual environment of uv is;
 * null where there is none.
 */
export async function findPython(): Promise<Python | null> {
  let withoutPip: Python | null = null;
  for (const command of ['python3', 'python', ...looksOnPath()]) {
    const found = await run(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], { timeout: 30 });
    const version = found.stdout.trim();
    if (found.status !== 0 || !/^3\./.test(version)) continue;
    const pip = await run(command, ['-m', 'pip', '--version'], { timeout: 60 });
    const pipVersion = /^pip (\S+)/.exec(pip.stdout)?.[1];
    if (pip.status === 0 && pipVersion !== undefined) return { command, version, pip: pipVersion };
    withoutPip ??= { command, version, pip: '' };
  }
  return withoutPip;
}

/**
 * As {@link findPython}, for a step that cannot go on without it or with a pip that is too old.
 *
 * @throws E_ENGINE_PYTHON, E_ENGINE_PIP
 */
export async function requirePython(): Promise<Python> {
  const python = await findPython();
  const others =
    'Or give a wheel that you fetched elsewhere with --from WHEEL, or use --engine wasm, which needs neither.';
  if (python === null)
    fail('E_ENGINE_PYTHON', {
      where: 'engine install',
      expected: 'python3 on the PATH, for pip download',
      got: 'none',
      todo: `Run ${remedyFor('python')} and again gearnn engine install. ${others}`,
    });
  if (python.pip === '')
    fail('E_ENGINE_PIP', {
      where: 'engine install',
      expected: `pip in ${python.command} ${python.version}`,
      got: 'none',
      todo: `Run ${await pipRemedy(python.command)} and again gearnn engine install. ${others}`,
    });
  if (olderThan(python.pip, OLDEST_PIP))
    fail('E_ENGINE_PIP', {
      where: 'engine install',
      expected: `pip ${OLDEST_PIP} or newer in ${python.command} ${python.version}`,
      got: python.pip,
      todo: `Run ${python.command} -m pip install -U pip and again gearnn engine install. ${others}`,
    });
  return python;
}
