import { collectGarbage } from './collect-garbage.js';

/** What `gearnn_prepare.node` does about the process's memory; engines of an older gearnn have none of it. */
export interface HostMemory {
  /** Blocks of so many bytes and more are the system's again as soon as they are freed. */
  mapFrom(bytes: number): void;
  /** Gives the system back what is freed, and the pages of TensorFlow's libraries that were read once. */
  release(): void;
  /** Lets go, from `true` to `false`, of pages of TensorFlow's libraries that are read once, while they are read; older engines cannot. */
  sweep?(on: boolean): void;
  /** Whether a recorded graph can compute with tensors that the process has already, in the places of its constants. */
  readonly sharesWeights?: boolean;
  /** Whether a recorded graph can run on the thread that calls it alone. */
  readonly runsAlone?: boolean;
  /** Whether recorded graphs may have ops of gearnn's own. */
  readonly hasKernels?: boolean;
}

/** While graphs are made: what holds weights goes back at once. */
const SMALL = 2 ** 20;
/** Else: what a run frees, the next one takes, so it stays; glibc's own limit in the long run. */
const LARGE = 2 ** 25;

let host: HostMemory | undefined;

/** Called once, when the native engine is loaded. */
export function setHostMemory(memory: Partial<HostMemory> | undefined): void {
  host = memory?.mapFrom && memory.release ? (memory as HostMemory) : undefined;
  if (!host) return;
  host.mapFrom(LARGE);
  host.release();
}

/** Whether the engine loads a graph that lies in a file of its own, `graph.pb`, and keeps no copy of it. */
export function loadsGraphFiles(): boolean {
  return host !== undefined;
}

/** Whether a graph's weights can be tensors of the process instead of a part of its file; see `install/session.cc`. */
export function sharesWeights(): boolean {
  return host?.sharesWeights === true;
}

/** Whether a graph can be kept from waking the process's other threads; see `install/session.cc`. */
export function runsAlone(): boolean {
  return host?.runsAlone === true;
}

/** Whether a graph may have the ops that `install/kernels.cc` computes. */
export function hasKernels(): boolean {
  return host?.hasKernels === true;
}

/** Runs what reads much of TensorFlow's libraries that is never read again: loads them, prepares a graph. */
export function swept<T>(run: () => T, by: Pick<HostMemory, 'sweep'> | undefined = host): T {
  by?.sweep?.(true);
  try {
    return run();
  } finally {
    by?.sweep?.(false);
  }
}

/** Makes a graph, or runs one for the first time, in as little memory as can be. */
export function sparingly<T>(make: () => T): T {
  host?.mapFrom(SMALL);
  try {
    return swept(make);
  } finally {
    host?.mapFrom(LARGE);
  }
}

/** Gives back what is not in use, JavaScript's as well. It takes tens of milliseconds, so call it after something large. */
export function releaseMemory(): void {
  collectGarbage();
  host?.release();
}
