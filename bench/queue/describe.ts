import type { Json, Step } from '../../src/pipeline/graph.js';
import { type Identity, stepIdentity } from '../../src/pipeline/identity.js';
import type { StepResults } from '../../src/pipeline/step-results.js';
import type { Store } from '../../src/pipeline/store/store.js';
import { type PreparedStep, StepRefused } from '../../src/queue/host.js';
import { type SleepingStep, sleepingSteps } from './sleeping.js';

/** A sleeping step with all that a worker needs of its inputs. */
export interface Described {
  step: SleepingStep;
  inputs: { id: string; identity: Identity; output: Json }[];
  /** Of the program that described it. */
  version: number;
}

export function describe(written: SleepingStep, step: Step, results: StepResults, version = 1): Described {
  const inputs = Object.values(step.inputs).map((input) => {
    const { step: identity, output } = results.stampOf(input)!;
    return { id: input.id, identity, output };
  });
  return { step: written, inputs, version };
}

/** @throws StepRefused for one of another version */
export async function prepare(described: Described, store: Store, version = 1): Promise<PreparedStep> {
  const { step: written, inputs } = described;
  if (described.version !== version)
    throw new StepRefused(`it is of version ${described.version}, and this worker of ${version}`);
  const stubs = inputs.map(({ id }): SleepingStep => ({ id, kind: 'base', seconds: 0, inputs: [] }));
  const step = sleepingSteps([...stubs, written]).get(written.id)!;
  const outputs = new Map(inputs.map(({ id, output }) => [id, output]));
  const folders = new Map<string, string>();
  for (const { id, identity } of inputs) folders.set(id, await store.folderOf(identity));
  return {
    step,
    identity: stepIdentity(step, Object.fromEntries(outputs)),
    inputs: { output: ({ id }) => outputs.get(id)!, folderOf: ({ id }) => folders.get(id)! },
  };
}
