import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../pipeline/graph.js';
import { beginStep, contextFor, restoreStep } from '../pipeline/run-step.js';
import type { StepResults } from '../pipeline/step-results.js';
import { isHeld, type Store } from '../pipeline/store/store.js';

/** Of the coordinator's own writing, which takes seconds. */
const LEASE = { owner: `coordinator ${process.pid} on ${hostname()}`, silence: 60, fresh: true };
/** Milliseconds until it is tried again while another one writes the step. */
const PAUSE = 500;

/** Writes a recorded step's files without running it, for workers to read; where that fails, the step counts as one to run. */
export async function restoreHere(step: Step, results: StepResults, store: Store): Promise<void> {
  const stamp = results.stampOf(step)!;
  const begun = await beginStep(store, results.identity(step), LEASE);
  if (isHeld(begun)) return void (await sleep(PAUSE));
  if ('stamp' in begun) return results.add(step, begun.stamp);
  const inputs = {
    output: (input: Step) => results.outputOf(input),
    folderOf: (): never => {
      throw new Error(`"${step.id}" reads files to write its own`);
    },
  };
  const write = async (folder: string): Promise<boolean> =>
    step.restore!(stamp.output, contextFor(step, { folder, resuming: false, inputs }));
  const restored = await restoreStep(begun, stamp, write);
  if (restored) results.add(step, restored);
  else results.addLost(step);
}
