import { endNow } from './end.js';
import { isHangupIgnored } from './hangup.js';
import { stderr } from './output.js';

const controller = new AbortController();

/** The user's wish to stop, as the running command sees it. */
export const interruption: {
  readonly signal: AbortSignal;
  /** The command line that goes on from where this one stopped; undefined while the command cannot stop gently. */
  hint: string | undefined;
  /** True once a command has promised to watch the signal. */
  watched: boolean;
  /** What the first signal is answered with. */
  notice: string;
  /** Seconds that a gentle end may take after SIGTERM or SIGHUP. */
  patience: number;
} = {
  signal: controller.signal,
  hint: undefined,
  watched: false,
  notice: 'Stopping after the current step and saving; press Ctrl-C again to quit at once.',
  patience: 8,
};

/** Milliseconds within which a second signal is the same Ctrl-C: npm and npx pass on what the terminal has sent already. */
export const TWIN = 500;

/** What asks a command to end. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
export const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Milliseconds that a gentle end may take. Who presses Ctrl-C while a long step is saved waits for it, or presses again. */
export function graceOf(name: StopSignal): number {
  if (!interruption.watched) return 0;
  return name === 'SIGINT' && interruption.hint !== undefined ? Infinity : interruption.patience * 1000;
}

/**
 * Ctrl-C, SIGTERM, and SIGHUP of a terminal that goes away: the first lets a command that watches the signal save and say how to
 * resume; the second, the first while no command watches, or a gentle end that takes too long, quits at once. The exit code is
 * 130 either way. A command under nohup goes on when its terminal goes away.
 */
export function handleSignals(): void {
  let first = -Infinity;
  for (const name of STOP_SIGNALS) {
    process.on(name, () => {
      if (name === 'SIGHUP' && isHangupIgnored()) return;
      if (!interruption.watched) endNow(130);
      if (controller.signal.aborted) {
        if (performance.now() - first > TWIN) endNow(130);
        return;
      }
      first = performance.now();
      // On a terminal the cursor stands behind a bar and the `^C`.
      const start = process.stderr.isTTY ? '\n' : '';
      stderr(`${start}${interruption.notice}`);
      controller.abort();
      const grace = graceOf(name);
      if (grace !== Infinity) setTimeout(() => endNow(130), grace).unref();
    });
  }
}
