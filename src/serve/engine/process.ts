import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endNow, endWithParent, howEnded } from '../../common/children.js';
import { GearnnError } from '../../common/errors.js';
import { unpackError } from '../../common/wire.js';
import type { EngineOptions } from '../../engine/start.js';
import {
  type AbandonMessage,
  type CallMessage,
  type EngineCall,
  type EngineCalls,
  type ReplyMessage,
} from './messages.js';

export interface EngineProcessOptions {
  /** The module that the process runs: it calls `hostEngine`. */
  entry: URL;
  engine: EngineOptions;
  /** Loads into a fresh process what the one before had; runs before the engine counts as ready. */
  restore(): Promise<void>;
  /** Seconds after which a call without an answer means that the engine hangs; it is then killed. */
  hang: number;
}

interface EngineEvents {
  ready: [];
  /** The process ended; how, and the milliseconds until the next start. */
  down: [reason: string, delay: number];
  /** A line that the process printed. */
  line: [text: string];
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** Milliseconds before the first restart, doubled up to the last for each start that did not hold. */
const [FIRST_DELAY, LAST_DELAY] = [100, 10_000];
/** Where processors are short the server comes before its engine, or health checks would wait for forward passes. */
const NICE = 5;
/** Milliseconds that a process has to stay up for its end to count as a new fault rather than the same one. */
const HELD = 30_000;

/**
 * The process in which networks run, so that a native crash takes no connection with it. One that ends is started again, at
 * growing intervals; what was asked of it then fails with E_SERVE_ENGINE, and nothing is sent twice.
 */
export class EngineProcess extends EventEmitter<EngineEvents> {
  /** Bytes in memory, as of the last answer. */
  resident = 0;
  private child: ChildProcess | undefined;
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private delay = FIRST_DELAY;
  private restart: NodeJS.Timeout | undefined;
  private state: 'starting' | 'ready' | 'down' | 'stopped' = 'starting';

  constructor(private readonly options: EngineProcessOptions) {
    super();
  }

  /** Whether everything is loaded and calls are answered. */
  get ready(): boolean {
    return this.state === 'ready';
  }

  /** Of the process; undefined between two. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @throws what the first start or load failed with; nothing runs then */
  async start(): Promise<void> {
    try {
      await this.launch();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /**
   * One call; calls are answered in order.
   *
   * @throws E_SERVE_ENGINE if the process is not there, ends meanwhile or hangs; what the call threw
   */
  call<C extends EngineCall>(call: C, ...parameters: Parameters<EngineCalls[C]>): Promise<ReturnType<EngineCalls[C]>> {
    return this.callFor(undefined, call, ...parameters);
  }

  /** One call that its caller may abandon; what is done with a frame in tiles then ends after the one in hand. @throws as {@link call} */
  callFor<C extends EngineCall>(
    signal: AbortSignal | undefined,
    call: C,
    ...parameters: Parameters<EngineCalls[C]>
  ): Promise<ReturnType<EngineCalls[C]>> {
    const { child } = this;
    if (!child?.connected) return Promise.reject(engineError('no engine process'));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      const timer = setTimeout(() => child.kill('SIGKILL'), this.options.hang * 1000);
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject, timer });
      // A failure to send means that the process is ending; its end answers all that is pending.
      child.send({ id, call, parameters } satisfies CallMessage, () => {});
      const abandon = (): void => void child.send({ abandon: id } satisfies AbandonMessage, () => {});
      signal?.addEventListener('abort', abandon, { once: true });
    });
  }

  /** Ends the process; calls under way fail. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    clearTimeout(this.restart);
    if (this.child) await endNow(this.child);
  }

  private async launch(): Promise<void> {
    this.state = 'starting';
    const began = performance.now();
    const child = fork(fileURLToPath(this.options.entry), {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    endWithParent(child);
    if (child.pid !== undefined) setPriority(child.pid, NICE);
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', (text) => this.emit('line', text));
    child.on('message', (message: ReplyMessage) => this.settle(message));
    // 'error' comes without 'close' where the process could not be started at all.
    child.once('error', (error) => this.ended(child, error.message, began));
    child.once('close', (status, signal) => this.ended(child, `it ${howEnded(status, signal)}`, began));
    const { notice } = await this.call('start', this.options.engine);
    if (notice) this.emit('line', notice);
    await this.options.restore();
    if (!this.isStarting(child)) throw engineError('an engine process that ended');
    this.state = 'ready';
    this.emit('ready');
  }

  private isStarting(child: ChildProcess): boolean {
    return this.state === 'starting' && this.child === child;
  }

  private settle({ id, alive, value, error, resident }: ReplyMessage): void {
    this.resident = resident;
    const pending = this.pending.get(id);
    if (!pending) return;
    // Calls are answered in order: those behind it wait, they do not hang.
    if (alive) return this.pending.forEach(({ timer }) => timer.refresh());
    this.pending.delete(id);
    clearTimeout(pending.timer);
    if (error) pending.reject(unpackError(error));
    else pending.resolve(value);
  }

  private ended(child: ChildProcess, reason: string, began: number): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.resident = 0;
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(engineError(`an engine process that failed: ${reason}`));
    }
    this.pending.clear();
    if (this.state === 'stopped') return;
    this.state = 'down';
    if (performance.now() - began > HELD) this.delay = FIRST_DELAY;
    this.emit('down', reason, this.delay);
    this.restart = setTimeout(() => this.relaunch(), this.delay);
    this.delay = Math.min(LAST_DELAY, this.delay * 2);
  }

  private relaunch(): void {
    this.launch().catch((error: Error) => {
      this.emit('line', `the engine did not start again: ${error.message}`);
      // Its end schedules the next start.
      this.child?.kill('SIGKILL');
    });
  }
}

function engineError(got: string): GearnnError {
  return new GearnnError('E_SERVE_ENGINE', {
    where: 'engine',
    expected: 'a running engine process',
    got,
    todo: 'It is started again; repeat the request.',
  });
}
