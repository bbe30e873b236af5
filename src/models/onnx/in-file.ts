import { GearnnError } from '../../common/errors.js';
import { explainSystemError } from '../../common/system-error.js';

/** Runs what reads or computes a file's network; errors that do not say which file it is about get its path in front. */
export function inFile<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const known = error instanceof GearnnError ? error : explainSystemError(error, { where: path });
    if (!known || known.message.includes(path)) throw known ?? error;
    const { where, ...parts } = known.parts;
    throw new GearnnError(known.code, { ...parts, where: `${path}: ${where}`, cause: parts.cause ?? error });
  }
}
