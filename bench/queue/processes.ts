import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithParent } from '../../src/common/children.js';
import { readTextSync } from '../../src/common/text-file.js';
import { siblingModule } from '../../src/common/sibling-module.js';

/** A program of this folder that runs, and what it has said. */
export class Running {
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
  stdout = '';
  stderr = '';

  /** @param name of the module, without its ending */
  constructor(name: string, parameters: readonly string[]) {
    const program = fileURLToPath(siblingModule(import.meta.url, name));
    this.process = spawn(process.execPath, [...process.execArgv, program, ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithParent(this.process);
    this.process.stdout!.on('data', (text: Buffer) => (this.stdout += text.toString()));
    this.process.stderr!.on('data', (text: Buffer) => (this.stderr += text.toString()));
    this.ended = once(this.process, 'exit').then(() => undefined);
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /**
   * Stops it as a machine that freezes; @param whole with the process that computes for it, on Linux, not itself alone
   *
   * @returns what lets it go on
   */
  freeze(whole: boolean): () => void {
    const { pid } = this.process;
    const all = [pid!, ...(whole ? childrenOf(pid!) : [])];
    const send = (signal: NodeJS.Signals) => (): void => {
      for (const own of all) tryKill(own, signal);
    };
    send('SIGSTOP')();
    return send('SIGCONT');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    this.process.kill(signal);
    // One that is stopped hears nothing but SIGKILL.
    this.process.kill('SIGCONT');
    await this.ended;
  }
}

/** @source proc(5), `/proc/PID/task/TID/children` */
function childrenOf(pid: number): number[] {
  try {
    return readTextSync(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** One that has ended meanwhile hears nothing. */
function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
