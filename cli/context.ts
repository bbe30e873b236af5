import type { Command } from 'commander';
import type { Progress } from '../src/common/progress.js';
import { explainFailure } from './explain.js';
import { interruption } from './interrupt.js';
import { stderr } from './output.js';
import { refuseTilde } from './paths.js';
import { createProgressPrinter } from './progress.js';

/** What a command's action gets beside its own arguments and options. */
export interface Context {
  /** `--json` was given: print one JSON value on stdout and nothing else there. */
  json: boolean;
  /** `--verbose` was given. */
  verbose: boolean;
  /** Hand this to the library's calls: bars on a terminal, plain lines off it. */
  progress: Progress;
  /** Says something to the person watching, on stderr, past any bar. */
  note(text: string): void;
  /**
   * Promises to stop gently: after the first Ctrl-C the returned signal is aborted, and the command saves and throws
   * the signal's reason (`signal.throwIfAborted()`). Without this call Ctrl-C quits at once.
   *
   * @param resume the command line that goes on afterwards, shown to the user
   * @param notice what is said at the first Ctrl-C
   * @param patience seconds that it may take after SIGTERM before it is ended all the same
   */
  interruptible(resume?: string, notice?: string, patience?: number): AbortSignal;
}

/**
 * Wraps a command's action: `.action(withContext(async (context, name: string, options: Options) => ...))`.
 * The arguments are commander's, after the context.
 */
export function withContext<T extends unknown[]>(
  action: (context: Context, ...parameters: T) => Promise<void> | void,
): (...parameters: [...T, Command]) => Promise<void> {
  return async (...parameters) => {
    const command = parameters.pop() as Command;
    const { json = false, verbose = false } = command.optsWithGlobals<{ json?: boolean; verbose?: boolean }>();
    const printer = createProgressPrinter(json);
    const context: Context = {
      json,
      verbose,
      progress: printer.progress,
      note(text) {
        printer.stop();
        stderr(text);
      },
      interruptible(hint, notice, patience) {
        interruption.promise({ hint, notice, patience });
        return interruption.signal;
      },
    };
    refuseTilde(command);
    try {
      await action(context, ...(parameters as unknown as T));
    } catch (error) {
      throw interruption.signal.aborted ? error : await explainFailure(error, command);
    } finally {
      printer.stop();
    }
  };
}
