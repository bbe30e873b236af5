import { GearnnError } from '../common/errors.js';

/** Ends somebody's waiting, with an answer or an error; later calls do nothing. */
export type Settle<T> = (outcome: T | Error) => void;

export interface Patience {
  /** Seconds until the answer is worth nothing. */
  deadline: number;
  /** Milliseconds of them that have passed already. Default: 0. */
  passed?: number;
  /** Aborted when the client leaves. */
  signal?: AbortSignal;
}

/**
 * Waits for an answer that somebody else settles.
 *
 * @param begin takes the work in, and returns what gives it up when the deadline passes or the client leaves: that has to settle, too. Not
 *   called for a client that has left already
 * @throws E_SERVE_DEADLINE, E_SERVE_LEFT; the error that the waiting is settled with
 */
export function waitFor<T>(
  { deadline, passed = 0, signal }: Patience,
  begin: (settle: Settle<T>) => (error: GearnnError) => void,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(left());
  return new Promise((resolve, reject) => {
    const leave = (): void => giveUp(left());
    const timer = setTimeout(() => giveUp(late(deadline)), deadline * 1000 - passed);
    signal?.addEventListener('abort', leave, { once: true });
    const giveUp = begin((outcome) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    });
  });
}

/** @param deadline seconds */
export function late(deadline: number): GearnnError {
  return new GearnnError('E_SERVE_DEADLINE', {
    where: 'deadline',
    expected: `an answer within ${deadline} s`,
    got: 'none yet',
    todo: 'Send less, or allow more time.',
  });
}

/** The client closed its connection. */
export function left(): GearnnError {
  return new GearnnError('E_SERVE_LEFT', {
    where: 'client',
    expected: 'to wait for the answer',
    got: 'a closed connection',
  });
}
