import { CommanderError } from 'commander';
import { reportFailure } from './failure.js';
import { handleSignals } from './interrupt.js';
import { survivePipes } from './output.js';
import { createProgram } from './program.js';

/** Runs one command line and sets the process's exit code: 0 done, 1 failed run, 2 wrong call, 130 interrupted. */
export async function run(argv: string[]): Promise<void> {
  survivePipes();
  handleSignals();
  const program = createProgram();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed it already; its own exit code for a wrong call is 1.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      process.exitCode = reportFailure(error, argv.includes('--verbose'));
    }
  }
}
