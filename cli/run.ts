import { type Command, CommanderError } from 'commander';
import { endNow, prepareEnd } from './end.js';
import { reportFailure, reportLostOutput } from './failure.js';
import { handleSignals, interruption } from './interrupt.js';
import { createProgram } from './program.js';
import { settleStreams } from './streams.js';

/** Milliseconds that a failed command has to end by itself. */
const GRACE = 1000;

/** Runs one command line and sets the process's exit code: 0 done, 1 failed run, 2 wrong call, 130 interrupted. */
export async function run(argv: string[], program: Command = createProgram()): Promise<void> {
  prepareEnd();
  handleSignals();
  let failed = false;
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed it already; its own exit code for a wrong call is 1.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      process.exitCode = reportFailure(error, argv.includes('--verbose'));
      failed = true;
    }
  }
  // The work is done: from here on a signal ends the wait for readers.
  interruption.promise(undefined);
  const lost = await settleStreams();
  if (lost && reportLostOutput(lost)) {
    process.exitCode ||= 1;
    await settleStreams();
  }
  // What failed may have left worker threads behind; they must not keep the process. A clean end needs no timer.
  if (failed) setTimeout(() => endNow(Number(process.exitCode)), GRACE).unref();
}
