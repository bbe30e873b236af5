import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithParent } from '../../src/common/children.js';
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

  async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    this.process.kill(signal);
    // One that is stopped hears nothing but SIGKILL.
    this.process.kill('SIGCONT');
    await this.ended;
  }
}
