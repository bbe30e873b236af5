import { GearnnError, USAGE_CODES } from '../src/common/errors.js';
import { explainSystemError } from '../src/common/system-error.js';
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
  // Whoever read the result has read enough; what is left of the work is not done.
  if (error instanceof ReaderLeft) return 1;
  const known = error instanceof GearnnError ? error : explainSystemError(error);
  if (known) {
    stderr(`${known.message} (${known.code})`);
    if (verbose) stderr(stackOf(known));
    return USAGE_CODES.has(known.code) ? 2 : 1;
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

function isAbort(error: unknown): boolean {
  return error === interruption.signal.reason || (error instanceof Error && error.name === 'AbortError');
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${stackOf(error.cause)}`;
}
