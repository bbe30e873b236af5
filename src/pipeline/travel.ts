import { fail } from '../common/errors.js';
import { inOrder, type Json, type Step } from './graph.js';
import { addressOf, differences, stepIdentity, type Identity } from './identity.js';
import type { StepResults } from './step-results.js';

/** A step as it travels to another process or machine, which makes the same graph from the same config: plain JSON. */
export interface TravellingStep {
  identity: Identity;
  /** All steps that it stands on, its inputs' inputs too, by their ids: what they were made from, and what they came to. */
  grounds: Record<string, Ground>;
}

export interface Ground {
  identity: Identity;
  output: Json;
}

/** A step that has arrived. */
export interface ArrivedStep {
  step: Step;
  identity: Identity;
}

/** Describes a step whose inputs have results. */
export function describeStep(step: Step, results: StepResults): TravellingStep {
  const others = inOrder([step]).filter((other) => other !== step);
  const grounds = others.map((other): [string, Ground] => [
    other.id,
    { identity: results.identity(other), output: results.outputOf(other) },
  ]);
  return { identity: results.identity(step), grounds: Object.fromEntries(grounds) };
}

/**
 * Finds a step that has travelled among those of this process's own graph.
 *
 * The step and all that it stands on have to have the same addresses here. The step's own alone would not do: it has hashes of its inputs,
 * while this process may read other files than those were made from, such as the images or the given base of another folder.
 *
 * @param steps of the graph, by their ids
 * @throws E_PIPELINE_OTHER_STEP naming what differs: another version of gearnn, other data, another base
 */
export function resolveStep({ identity, grounds }: TravellingStep, steps: ReadonlyMap<string, Step>): ArrivedStep {
  const step = steps.get(identity.id);
  if (!step) return refuse(identity, 'no such step');
  for (const own of inOrder([step])) {
    const outputs = Object.entries(own.inputs).map(([name, { id }]): [string, Json] => {
      const ground = grounds[id];
      return ground ? [name, ground.output] : refuse(identity, `an input that it does not have there, "${id}"`);
    });
    const here = stepIdentity(own, Object.fromEntries(outputs));
    const there = own === step ? identity : grounds[own.id]?.identity;
    if (!there || addressOf(there) === addressOf(here)) continue;
    const difference = there.kind === here.kind ? differences(there, here) : `it is ${here.kind}, was ${there.kind}`;
    refuse(identity, `${own === step ? 'another one' : `another "${own.id}" before it`}: ${difference}`);
  }
  return { step, identity: { ...identity, id: step.id } };
}

function refuse({ id }: Identity, got: string): never {
  return fail('E_PIPELINE_OTHER_STEP', {
    where: `step "${id}"`,
    expected: 'the same step here as where it was planned',
    got,
    todo: 'Give this machine the same version of gearnn, the same data and the same base.',
  });
}
