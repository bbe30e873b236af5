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
} = {
  signal: controller.signal,
  hint: undefined,
  watched: false,
  notice: 'Stopping after the current step and saving; press Ctrl-C again to quit at once.',
};

/** Milliseconds within which a second signal is the same Ctrl-C: npm and npx pass on what the terminal has sent already. */
const TWIN = 500;

/**
 * Ctrl-C and SIGTERM: the first lets a command that watches the signal save and say how to resume; the second, or the
 * first while no command watches, quits at once. The exit code is 130 either way.
 */
export function handleSignals(): void {
  let first = -Infinity;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!interruption.watched) process.exit(130);
      if (controller.signal.aborted) {
        if (performance.now() - first > TWIN) process.exit(130);
        return;
      }
      first = performance.now();
      // On a terminal the cursor stands behind a bar and the `^C`.
      const start = process.stderr.isTTY ? '\n' : '';
      stderr(`${start}${interruption.notice}`);
      controller.abort();
    });
  }
}
