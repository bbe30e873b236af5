import { GearnnError, USAGE_CODES } from '../src/common/errors.js';
import { interruption } from './interrupt.js';
import { ReaderLeft } from './line-log.js';
import { stderr } from './output.js';

/**
 * Prints why a command stopped, on stderr, and says which exit code that is.
 *
 * @param verbose also print the stack and the causes
 * @returns 2 for a wrong call, 1 for a failed run, 130 when the user interrupted it
 */
export function reportFailure(error: unknown, verbose: boolean): number {
  if (interruption.signal.aborted && isAbort(error)) {
    stderr(
      interruption.hint ? `Interrupted; all finished work is saved. Go on with: ${interruption.hint}` : 'Interrupted.',
    );
    return 130;
  }
  if (error instanceof GearnnError) {
    stderr(`${error.message} (${error.code})`);
    if (verbose) stderr(stackOf(error));
    return USAGE_CODES.has(error.code) ? 2 : 1;
  }
  // Whoever read the result has read enough; what is left of the work is not done.
  if (error instanceof ReaderLeft) return 1;
  const system = systemError(error);
  if (system) {
    stderr(system);
    if (verbose) stderr(stackOf(error));
    return 1;
  }
  stderr(`gearnn: unexpected error: ${error instanceof Error ? error.message : String(error)}`);
  stderr(
    verbose
      ? stackOf(error)
      : 'This is a fault in gearnn. Please report it with the command and what it prints with --verbose added.',
  );
  return 1;
}

/**
 * Says that a result which was to be printed is not whole.
 *
 * @returns whether that is a failure: a reader that left (`| head`) wanted no more
 */
export function reportLostOutput(error: NodeJS.ErrnoException): boolean {
  if (error.code === 'EPIPE') return false;
  const got = error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'a full disk' : (error.code ?? error.message);
  stderr(`stdout: expected a place for the result, got ${got}. Send it elsewhere and run the same command again.`);
  return true;
}

/** What is wrong with a path that the operating system names, by its code. */
const PATH_ERRORS: Record<string, string> = {
  ENOENT: 'expected something of that name, got nothing. Make it, or correct the path.',
  ENOTDIR: 'expected folders up to there, got a file in the place of one. Correct the path, or move the file away.',
  EISDIR: 'expected a file, got a folder. Give the path of a file.',
  EEXIST:
    'expected a place for a new file or folder, got one that is taken. Choose another, or move away what is there.',
};

/** What an error of the operating system means to the user; undefined for anything else. */
function systemError(error: unknown): string | undefined {
  const { code = '', path } = error as NodeJS.ErrnoException;
  if (path !== undefined && Object.hasOwn(PATH_ERRORS, code)) return `${path}: ${PATH_ERRORS[code]}`;
  const where = path ?? 'the file system';
  switch (code) {
    case 'ENOSPC':
      return `${where}: expected free space, got a full disk. Free some and run the same command again.`;
    case 'EDQUOT':
      return `${where}: expected free space, got a used-up quota. Free some and run the same command again.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${where}: expected a path that can be read and written, got ${code}. Choose another or change its permissions.`;
    default:
      return undefined;
  }
}

function isAbort(error: unknown): boolean {
  return error === interruption.signal.reason || (error instanceof Error && error.name === 'AbortError');
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`;
}
