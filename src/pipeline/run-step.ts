import { canonicalJson } from '../common/files.js';
import type { Progress } from '../common/progress.js';
import type { Machine } from '../engine/machine.js';
import type { Json, Step, StepContext } from './graph.js';
import type { Identity } from './identity.js';
import type { Stamp } from './stamp.js';
import { sizesOf, stampOf, type StepRun } from './store/result-files.js';
import { isHeld, type BeginOptions, type Held, type StepWriter, type Store } from './store/store.js';

/** What steps run on, for their stamps. */
export interface RunsOn {
  machine?: Machine;
  /** Of the engine. */
  threads?: number;
}

/** What a step's inputs came to, and where their files lie. */
export interface StepInputs {
  output(input: Step): Json;
  folderOf(input: Step): string;
}

export interface ContextOptions {
  /** Of the writer. */
  folder: string;
  resuming: boolean;
  inputs: StepInputs;
  progress?: Progress;
  signal?: AbortSignal;
}

/** What `step.run` works with; it sees nothing but its own inputs. */
export function contextFor(step: Step, { folder, resuming, inputs, progress, signal }: ContextOptions): StepContext {
  const own = new Set(Object.values(step.inputs));
  const input = (given: Step): Step => {
    if (own.has(given)) return given;
    throw new Error(`step "${step.id}" reads "${given.id}", which is not among its inputs`);
  };
  return {
    folder,
    resuming,
    output: (given) => inputs.output(input(given)) as never,
    folderOf: (given) => inputs.folderOf(input(given)),
    progress: (event) => progress?.({ ...event, task: `${step.id}: ${event.task}` }),
    signal: signal ?? new AbortController().signal,
  };
}

/** Nothing is to be done: another writer made the result meanwhile. */
export interface Made {
  stamp: Stamp;
}

/**
 * Takes the lease on a step that is to run.
 *
 * @returns its writer; who holds it; or the result, where it was published between looking for it and taking the lease
 */
export async function beginStep(
  store: Store,
  identity: Identity,
  options: BeginOptions,
): Promise<StepWriter | Held | Made> {
  const writer = await store.begin(identity, options);
  if (isHeld(writer)) return writer;
  const found = await store.find(identity);
  if (found.state === 'missing') return writer;
  await writer.discard();
  return { stamp: found.stamp };
}

/**
 * Makes what a step wrote its result.
 *
 * @returns the stamp that counts
 * @throws what {@link StepWriter.publish} throws
 */
export async function finishStep(
  writer: StepWriter,
  result: Awaited<ReturnType<Step['run']>>,
  run: StepRun,
): Promise<Stamp> {
  return writer.publish(await stampOf(writer.identity, writer.folder, result, run));
}

/**
 * Has the files of a recorded step written anew, and takes them for its result if `write` says they are and their sizes are as recorded.
 *
 * @returns the stamp that counts; undefined where it is not so, and nothing is kept then
 */
export async function restoreStep(
  writer: StepWriter,
  recorded: Stamp,
  write: (folder: string) => Promise<boolean>,
): Promise<Stamp | undefined> {
  try {
    const whole =
      (await write(writer.folder)) && canonicalJson(await sizesOf(writer.folder)) === canonicalJson(recorded.files);
    if (whole) return await writer.publish(recorded);
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await writer.discard();
  return undefined;
}

/** Renews a lease every third of its silence, until it is stopped. */
export function keepRenewing(
  writer: StepWriter,
  silence: number,
  onLost: (error: unknown) => void,
): { stop: () => void } {
  const beat = setInterval(
    () => {
      writer.renew().catch((error: unknown) => {
        // A store that does not answer for a moment may do so at the next beat.
        if ((error as { code?: string }).code === 'E_PIPELINE_LEASE_LOST') onLost(error);
      });
    },
    (1000 * silence) / 3,
  );
  beat.unref();
  return { stop: () => clearInterval(beat) };
}
