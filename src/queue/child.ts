import { type ChildProcess, fork } from 'node:child_process';
import { endNow, endWithParent, howEnded } from '../common/children.js';
import { unpackError } from '../common/wire.js';
import type { Progress } from '../common/progress.js';
import type { Order, Report } from './messages.js';

export interface StepProcessOptions {
  /** The module that the process runs: it calls `hostSteps`. */
  entry: URL;
  /** What the module is given. */
  parameters: readonly string[];
  /** Added to this process's environment. */
  environment?: NodeJS.ProcessEnv;
  /** Called with what the process prints. */
  onOutput?: (text: string) => void;
}

type Answer = Exclude<Report, { report: 'progress' }>;

/** Characters of what a step printed that are kept. */
const LOG_LENGTH = 4000;

/** The process that computes: it starts with the first step, stays for the next ones, and is made anew where it has ended. */
export class StepProcess {
  /** Called with how far the running step is. */
  onProgress: Progress = () => {};
  private child: ChildProcess | undefined;
  private log = '';
  private settle: ((answer: Answer | Error) => void) | undefined;

  constructor(private readonly options: StepProcessOptions) {}

  /** Begins with another step: what was printed before is of no interest. */
  prepare(step: (Order & { order: 'prepare' })['step']): Promise<Answer> {
    this.log = '';
    return this.ask({ order: 'prepare', step });
  }

  run(folder: string, resuming: boolean): Promise<Answer> {
    return this.ask({ order: 'run', folder, resuming });
  }

  /** Asks the running step to save and stop. */
  stop(): void {
    if (this.child?.connected) this.child.send({ order: 'stop' } satisfies Order);
  }

  /** Ends the process at once, and with it the running step; whoever waits for that learns of it as an error. */
  async end(): Promise<void> {
    if (this.child) await endNow(this.child);
  }

  /** The last that the process printed since the step began. */
  get printed(): string {
    return this.log.trim();
  }

  /** @throws Error where the process ends before it answers */
  private async ask(order: Order): Promise<Answer> {
    const child = (this.child ??= this.start());
    const answer = await new Promise<Answer | Error>((resolve) => {
      this.settle = resolve;
      child.send(order, (error) => error && resolve(error));
    });
    this.settle = undefined;
    if (answer instanceof Error) throw answer;
    if (answer.report === 'failed') throw unpackError(answer.error);
    return answer;
  }

  private start(): ChildProcess {
    const { entry, parameters, environment, onOutput } = this.options;
    const child = fork(entry, parameters, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    endWithParent(child);
    child.on('message', (report: Report) => {
      if (report.report === 'progress') this.onProgress(report.event);
      else this.settle?.(report);
    });
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.log = (this.log + text).slice(-LOG_LENGTH);
        onOutput?.(text);
      });
    }
    const ended = (how: string): void => {
      if (this.child === child) this.child = undefined;
      this.settle?.(new Error(`the process that computed was ${how}`));
    };
    child.on('error', (error) => ended(`not to be started: ${error.message}`));
    // After the last of its output.
    child.on('close', (status, signal) => ended(howEnded(status, signal)));
    return child;
  }
}
