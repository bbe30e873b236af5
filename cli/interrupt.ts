import { endNow } from './end.js';
import { isHangupIgnored } from './hangup.js';
import { stderr } from './output.js';

/** What asks a command to end. */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** How a command stops. */
export interface GentleEnd {
  /** The command line that goes on from where this one stopped; undefined where there is nothing to go on from. */
  hint?: string;
  /** What the first signal is answered with. */
  notice?: string;
  /** Seconds that it may take after SIGTERM or SIGHUP. */
  patience?: number;
}

/** Milliseconds within which a second signal is the same Ctrl-C: npm and npx pass on what the terminal has sent already. */
export const TWIN = 500;
/** Milliseconds: the longest that a timer takes, 24 days. */
const NEVER = 2 ** 31 - 1;

const controller = new AbortController();
/** Milliseconds that a gentle end may take, per signal; 0 where the command cannot stop gently. Shared with the watchdog's thread. */
export const graces = new Int32Array(new SharedArrayBuffer(4 * STOP_SIGNALS.length));
let promised: GentleEnd | undefined;

/** The user's wish to stop, as the running command sees it. */
export const interruption = {
  signal: controller.signal,
  /** The command line that goes on from here, if one does. */
  get hint(): string | undefined {
    return promised?.hint;
  },
  /** The command promises to watch the signal; undefined takes the promise back. */
  promise(end: GentleEnd | undefined): void {
    promised = end;
    const { hint, patience = 8 } = end ?? {};
    STOP_SIGNALS.forEach((name, i) => {
      // Who presses Ctrl-C while a long step is to be saved waits for it, or presses again.
      const grace = name === 'SIGINT' && hint !== undefined ? NEVER : patience * 1000;
      Atomics.store(graces, i, end ? grace : 0);
    });
  },
};

/**
 * Ctrl-C, SIGTERM, and SIGHUP of a terminal that goes away: the first lets a command that watches the signal save and say how to
 * resume; the second, the first while no command watches, or a gentle end that takes too long, quits at once. The exit code is
 * 130 either way. A command under nohup goes on when its terminal goes away.
 */
export function handleSignals(): void {
  let first = -Infinity;
  STOP_SIGNALS.forEach((name, i) => {
    process.on(name, () => {
      if (name === 'SIGHUP' && isHangupIgnored()) return;
      if (!promised) endNow(130);
      if (controller.signal.aborted) {
        if (performance.now() - first > TWIN) endNow(130);
        return;
      }
      first = performance.now();
      // On a terminal the cursor stands behind a bar and the `^C`.
      const start = process.stderr.isTTY ? '\n' : '';
      const { notice = 'Stopping after the current step and saving; press Ctrl-C again to quit at once.' } = promised;
      stderr(`${start}${notice}`);
      controller.abort();
      setTimeout(() => endNow(130), graces[i]).unref();
    });
  });
}
