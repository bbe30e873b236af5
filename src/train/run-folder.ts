import { existsSync } from 'node:fs';
import { rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ADAPTOR_FILES } from '../adaptor/kinds/registry.js';
import { fail } from '../common/errors.js';
import { withLock } from '../common/lock.js';
import { makeFolder } from '../common/folders.js';
import { statePath } from './state-path.js';

/** What a finished run leaves: a checkpoint, or an adaptor of any kind. */
export const RESULTS = [
  ...['config.json', 'model.safetensors', 'model.onnx'],
  ...ADAPTOR_FILES.flatMap(({ config, tensors }) => [config, tensors]),
];

export interface RunFolderOptions {
  /** Go on with an unfinished run; take a finished one as it is. */
  resume?: boolean;
  /** Throw an unfinished run away, and replace the results of a finished one when this one is done. */
  force?: boolean;
}

/** The folder that a run writes into. Until the run is done, all it has lies in `.state/`. */
export interface RunFolder {
  path: string;
  /** Where the state belongs. */
  state: string;
  /** The results are there already, and nothing is left to do. */
  finished: boolean;
}

/**
 * Calls `run` with a run's folder, made ready, and removes the run's state when it returns; when it throws, the state stays.
 *
 * @throws E_OUT_EXISTS where results are there, E_TRAIN_UNFINISHED where an unfinished run is, unless the options say what to do
 *   with them; E_USAGE where they contradict each other or another process trains into the folder
 */
export async function withRunFolder<T>(
  path: string,
  { resume = false, force = false }: RunFolderOptions,
  run: (folder: RunFolder) => Promise<T>,
): Promise<T> {
  if (resume && force) {
    fail('E_USAGE', { where: '--resume', expected: '--resume or --force', got: 'both' });
  }
  const state = statePath(path);
  const hidden = dirname(state);
  const busy = (holder: string): never =>
    fail('E_USAGE', {
      where: path,
      expected: 'a folder that no other process trains into',
      got: `one that ${holder} does`,
      todo: 'Wait for it, or choose another --out.',
    });
  if (!resume && !force) refuseWhatIsThere(path, state);
  return withLock(
    join(hidden, 'lock'),
    async () => {
      if (force) await rm(state, { force: true });
      await makeFolder(hidden);
      const finished = resume && !existsSync(state) && RESULTS.some((name) => existsSync(join(path, name)));
      try {
        const before = await resultsIn(path);
        const result = await run({ path, state, finished });
        if (force) await removeOld(path, before);
        await rm(state, { force: true });
        return result;
      } finally {
        if (!existsSync(state)) await removeEmpty(hidden, path);
      }
    },
    { patience: 0, onBusy: busy },
  );
}

/** Leaves nothing behind of a run that has no state to keep. */
async function removeEmpty(hidden: string, path: string): Promise<void> {
  await rm(hidden, { recursive: true, force: true });
  // A folder that holds something stays, and so does one that cannot go, such as `.` or a mount point: the results count, not the tidying.
  await rmdir(path).catch(() => undefined);
}

/** Results in a folder: which file each name stands for. */
async function resultsIn(path: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const name of RESULTS) {
    const file = await stat(join(path, name)).catch(() => undefined);
    if (file) found.set(name, file.ino);
  }
  return found;
}

/** Results that a run was to replace and did not write anew: of another form, a checkpoint's beside a new adaptor. */
async function removeOld(path: string, before: ReadonlyMap<string, number>): Promise<void> {
  const now = await resultsIn(path);
  for (const [name, file] of before) if (now.get(name) === file) await rm(join(path, name));
}

function refuseWhatIsThere(path: string, state: string): void {
  if (existsSync(state)) {
    fail('E_TRAIN_UNFINISHED', {
      where: path,
      expected: 'a folder without an unfinished run',
      got: 'one that was interrupted',
      todo: 'Go on with it by --resume, or start anew by --force.',
    });
  }
  const result = RESULTS.find((name) => existsSync(join(path, name)));
  if (result === undefined) return;
  fail('E_OUT_EXISTS', {
    where: '--out',
    expected: 'a folder without results',
    got: `${join(path, result)}, which is there already`,
    todo: 'Choose another folder, or add --force to replace what is there when the run is done.',
  });
}
