import { siblingModule } from '../src/common/sibling-module.js';
import { startWorker } from '../src/common/start-worker.js';
import { isHangupIgnored } from './hangup.js';
import { graces, STOP_SIGNALS, TWIN, type StopSignal } from './interrupt.js';

/** What the thread is told when it starts. */
export interface WatchdogOrders {
  /** The index of each is its place in `graces`. */
  signals: (StopSignal | null)[];
  /** Milliseconds from a signal to the end; the command's thread changes them. */
  graces: Int32Array;
  /** Milliseconds within which a second signal is the first one's copy. */
  twin: number;
}

let started = false;

/**
 * From here on signals end the process although its thread computes: a large picture or a training step takes minutes in
 * TensorFlow, and none of Node's handlers runs meanwhile.
 *
 * @returns resolved when the thread watches; nobody has to wait for it
 */
export async function startWatchdog(): Promise<void> {
  if (started || process.platform === 'win32') return;
  started = true;
  const signals = STOP_SIGNALS.map((name) => (name === 'SIGHUP' && isHangupIgnored() ? null : name));
  const entry = siblingModule(import.meta.url, 'watchdog-thread');
  const thread = startWorker(entry, { signals, graces, twin: TWIN } satisfies WatchdogOrders);
  // Without it signals are answered between two computations.
  thread.on('error', () => {});
  const watches = new Promise<void>((resolve) => thread.once('message', () => resolve()));
  thread.unref();
  return watches;
}
