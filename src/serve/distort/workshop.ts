import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { fail, GearnnError } from '../../common/errors.js';
import { unpackError } from '../../common/wire.js';
import { endNow, endWithParent, howEnded } from '../../common/children.js';
import { type Settle, waitFor } from '../waiting.js';
import type { DistortReply, DistortTask } from './messages.js';

/** Images taken at a time, the one under way among them; each is in memory as its file only, until its turn. */
export const AT_ONCE = 4;
/** Where processors are short, inference comes before. */
const NICE = 10;
/** Milliseconds without work after which the process is let go. */
const IDLE = 60_000;

interface Job {
  task: DistortTask;
  settle: Settle<Uint8Array>;
}

/**
 * Distorts images in a process of its own, one at a time: beside the engine, never before its frames. What nobody waits for any more is
 * taken out, and where it has begun the process is ended; so is one whose decoder a file has broken. The next image starts another.
 */
export class Workshop {
  private readonly jobs: Job[] = [];
  private child: ChildProcess | undefined;
  private current: Job | undefined;
  private idle: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly entry: URL) {}

  /** Of the process; undefined where there is none. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * An encoded image as the file that it is at a level.
   *
   * @param deadline seconds
   * @param signal aborted when the client leaves
   * @throws E_SERVE_BUSY at once where too many are under way, E_SERVE_DEADLINE, E_SERVE_LEFT, E_SERVE_ENGINE if the process ends under
   *   it; what the image or the level fails with
   */
  run(task: DistortTask, deadline: number, signal: AbortSignal): Promise<Uint8Array> {
    if (this.jobs.length >= AT_ONCE) {
      fail('E_SERVE_BUSY', {
        where: 'distort',
        expected: `fewer than ${AT_ONCE} images at a time`,
        got: String(this.jobs.length),
        todo: 'Send it again later.',
      });
    }
    return waitFor<Uint8Array>({ deadline, signal }, (settle) => {
      const job: Job = { task, settle };
      this.jobs.push(job);
      this.next();
      return (error) => this.drop(job, error);
    });
  }

  /** Ends the process; images under way fail. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.idle);
    for (const job of [...this.jobs]) this.drop(job, broken('a shutdown'));
    await this.end();
  }

  /** Takes a job out, whose waiter gets the error; one that has begun goes with its process. */
  private drop(job: Job, error: Error): void {
    const at = this.jobs.indexOf(job);
    if (at >= 0) this.jobs.splice(at, 1);
    job.settle(error);
    if (this.current === job) void this.end();
  }

  private async end(): Promise<void> {
    const { child } = this;
    this.forget();
    if (child) await endNow(child);
    this.next();
  }

  private forget(): void {
    this.child = this.current = undefined;
  }

  private next(): void {
    clearTimeout(this.idle);
    if (this.current || this.stopped) return;
    const job = this.jobs[0];
    if (!job) {
      if (this.child) this.idle = setTimeout(() => void this.end(), IDLE).unref();
      return;
    }
    this.current = job;
    const child = (this.child ??= this.start());
    child.send(job.task, () => {});
  }

  private start(): ChildProcess {
    const child = fork(fileURLToPath(this.entry), { serialization: 'advanced', stdio: 'ignore' });
    endWithParent(child);
    try {
      if (child.pid !== undefined) setPriority(child.pid, NICE);
    } catch {
      // It has ended already, which its event says.
    }
    child.on('message', (reply: DistortReply) => {
      if (this.child === child) this.finish('error' in reply ? unpackError(reply.error) : reply.file);
    });
    const died = (reason: string): void => {
      if (this.child !== child) return;
      const job = this.current;
      this.forget();
      if (job) this.settle(job, broken(reason));
      this.next();
    };
    child.once('error', (error) => died(error.message));
    child.once('exit', (status, signal) => died(`it ${howEnded(status, signal)}`));
    return child;
  }

  private finish(outcome: Uint8Array | Error): void {
    const job = this.current;
    this.current = undefined;
    if (job) this.settle(job, outcome);
    this.next();
  }

  private settle(job: Job, outcome: Uint8Array | Error): void {
    this.jobs.splice(this.jobs.indexOf(job), 1);
    job.settle(outcome);
  }
}

function broken(reason: string): GearnnError {
  return new GearnnError('E_SERVE_ENGINE', {
    where: 'distort',
    expected: 'a process that distorts the image',
    got: `one that failed: ${reason}`,
    todo: 'The next image starts another.',
  });
}
