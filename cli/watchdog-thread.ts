import { constants } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { SteadyWriter } from '../src/common/steady-writer.js';
import type { WatchdogOrders } from './watchdog.js';

/** What Node's own `process.on('SIGTERM')` stands on; that works in the main thread alone, this in every one. */
interface SignalWrap {
  onsignal: () => void;
  start(signal: number): number;
}

/** Milliseconds that the main thread has to end the process itself, and better. */
const HEAD_START = 1500;

const { signals, graces, twin } = (workerData as { data: WatchdogOrders }).data;
let first: number | undefined;

function end(): void {
  new SteadyWriter(2).write('Ended in the middle of a computation; what was saved before it stays.\n');
  process.kill(process.pid, 'SIGKILL');
}

function watch(Signal: new () => SignalWrap): void {
  signals.forEach((name, i) => {
    if (name === null) return;
    const handle = new Signal();
    handle.onsignal = () => {
      const now = performance.now();
      if (first === undefined) setTimeout(end, Math.min(2 ** 31 - 1, Atomics.load(graces, i) + HEAD_START));
      else if (now - first > twin) setTimeout(end, HEAD_START);
      first ??= now;
    };
    handle.start(constants.signals[name]);
  });
}

// Deprecated for all it opens to others, without a successor for this.
process.noDeprecation = true;
const { binding } = process as unknown as { binding?: (name: string) => { Signal: new () => SignalWrap } };
if (binding) watch(binding.call(process, 'signal_wrap').Signal);
parentPort!.postMessage('watches');
