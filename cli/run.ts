import { type Command, CommanderError } from 'commander';
import { reportFailure } from './failure.js';
import { handleSignals } from './interrupt.js';
import { survivePipes } from './output.js';
import { createProgram } from './program.js';

/** Milliseconds that a failed command has to end by itself, so that what it printed is written. */
const GRACE = 1000;

/** Runs one command line and sets the process's exit code: 0 done, 1 failed run, 2 wrong call, 130 interrupted. */
export async function run(argv: string[], program: Command = createProgram()): Promise<void> {
  survivePipes();
  handleSignals();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed it already; its own exit code for a wrong call is 1.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      process.exitCode = reportFailure(error, argv.includes('--verbose'));
      // What failed may have left worker threads behind; they must not keep the process. A clean end needs no timer.
      setTimeout(() => process.exit(), GRACE).unref();
    }
  }
}
