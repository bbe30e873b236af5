import { fail } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import type { GraphNode } from './decide.js';
import type { Workload } from './work/workload.js';

/** What JSON can hold: settings and outputs of steps are made of it, so that they can be hashed and stored. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * One piece of work of an experiment: a pure function of its settings and its inputs' outputs. What it makes lies in a folder
 * of its own, found again by the hash of all that.
 */
export interface Step<Output extends Json = Json> {
  /** Unique in the graph, for people: `adaptor jpeg=10`. Not part of the hash. */
  id: string;
  /** What it does, `adaptor`; also the first part of its folder's name. */
  kind: string;
  /** Raised whenever the same settings and inputs come to mean another result. */
  version: number;
  /** Everything that the result depends on, beside the inputs. */
  settings: Json;
  /** Steps whose outputs it reads, by the name it knows them under. */
  inputs: Readonly<Record<string, Step>>;
  /** What of an input's output it depends on, by the same names. Default: all of it. */
  reads?: Readonly<Record<string, (output: Json) => Json>>;
  /** What stands in place of inputs' outputs where no step has to find it, by the same names. */
  known?: Readonly<Record<string, Json>>;
  /** What it takes, for estimates. Default: nothing to speak of. Not part of the hash. */
  workloads?: readonly Workload[];
  run(context: StepContext): Promise<StepResult<Output>>;
  /**
   * Writes the step's files anew from what it came to, for a step that only the record knows of; steps have it where their files hold no
   * more than that. It reads its inputs' outputs alone, not their files.
   *
   * @returns whether they are the files of that output
   */
  restore?(output: Output, context: Pick<StepContext, 'folder' | 'output'>): Promise<boolean>;
}

/** What a step works with. */
export interface StepContext {
  /** The step's own folder: everything it makes goes in here. */
  folder: string;
  /** The folder holds what an interrupted run of this very step left; go on from there. */
  resuming: boolean;
  /** What an input came to. */
  output<Output extends Json>(input: Step<Output>): Output;
  /** Where an input's files lie. */
  folderOf(input: Step): string;
  progress: Progress;
  /** When aborted, save and throw its reason. */
  signal: AbortSignal;
}

export interface StepResult<Output extends Json = Json> {
  /**
   * What other steps may depend on, with a hash of each file that they read. Where it comes out as before, they need not run
   * again; so it holds nothing that differs from run to run, such as a time.
   */
  output: Output;
  /** Figures for the record alone: seconds, losses. */
  notes?: Json;
}

/**
 * All steps that `goals` need, themselves included, each after its inputs and otherwise in the order given.
 *
 * @throws E_USAGE where two steps share an id, or a step needs itself
 */
export function inOrder(goals: readonly Step[]): Step[] {
  const order: Step[] = [];
  const byId = new Map<string, Step | 'under way'>();
  const visit = (step: Step): void => {
    const known = byId.get(step.id);
    if (known === step) return;
    if (known !== undefined) {
      fail('E_USAGE', {
        where: `step "${step.id}"`,
        expected: 'an id of its own and inputs that do not need it',
        got: known === 'under way' ? 'a step that needs itself' : 'two steps of that id',
      });
    }
    byId.set(step.id, 'under way');
    for (const input of Object.values(step.inputs)) visit(input);
    byId.set(step.id, step);
    order.push(step);
  };
  for (const goal of goals) visit(goal);
  return order;
}

/** A step as `decide` takes it. */
export function nodeOf({ id, inputs }: Step): GraphNode {
  return { id, inputs: Object.values(inputs).map((input) => input.id) };
}
