import { spawn } from 'node:child_process';
import { endWithParent } from '../../common/children.js';

/** How a program ended. */
export interface CommandResult {
  /** Exit status; null if a signal ended it, or if it could not be started. */
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The system's code if it could not be started: `ENOENT`, `EACCES`. */
  startError?: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Ends the program after so many seconds. */
  timeout?: number;
}

/** Runs a program without a shell and waits for it; never throws, the caller judges the result. */
export function run(
  program: string,
  args: string[],
  { cwd, env, timeout }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: env ?? process.env,
      timeout: timeout === undefined ? undefined : timeout * 1000,
      killSignal: 'SIGKILL',
      // With a group of its own, so that a compiler that npm started ends with it.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithParent(child, { group: process.platform !== 'win32' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: null, signal: null, stdout, stderr, startError: error.code ?? error.message }),
    );
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

/** The last lines of what a program said, on one line, for an error message. */
export function lastLines({ stdout, stderr, startError, signal, status }: CommandResult, count = 3): string {
  if (startError !== undefined) return startError;
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  const said = lines
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ');
  return said || (signal ? `signal ${signal}` : `exit status ${status}`);
}
