import type { z } from 'zod';
import type { Level } from '../../distort/level.js';
import type { Resident } from '../../select/memory.js';
import type { Candidate } from '../steps/evaluate.js';
import type { AdaptorOutput, NetworkOutput } from '../steps/outputs.js';
import type { Rate } from '../steps/rate.js';
import type { Base, FinetuneTarget, ItemChoice, SplitStep } from '../steps/target.js';
import type { Step } from '../graph.js';
import type { RateUse } from '../steps/trial.js';
import type { TunedStep } from '../steps/tune.js';

/** What a method makes its steps from; steps that several methods need are made once. */
export interface MethodTools {
  /** The entry's name in the table; part of its steps' ids. */
  name: string;
  /** All of the experiment's. */
  levels: readonly Level[];
  /** The experiment's. */
  budget: string;
  base: Base;
  /** Training images at a level, and how fine-tunes are made, the entry's objective among it. */
  target(level: Level): FinetuneTarget;
  /** The whole base fine-tuned at a level. */
  full(level: Level): TunedStep<NetworkOutput>;
  /** Items of a level's adaptor; what the choice leaves open is as the experiment's config says. */
  split(level: Level, choice: Partial<ItemChoice>): SplitStep;
  /** The learning rate of whole networks or of adaptors at a level. */
  rate(use: RateUse, level: Level): Rate;
}

/** What a method has at one level. */
export interface MethodAtLevel {
  /** What answers. */
  candidate: Omit<Candidate, 'name'>;
  /** Its items. */
  split?: SplitStep;
  /** What it adds to the base in memory. */
  adaptor?: Step<AdaptorOutput>;
}

/** A method with its options, ready to make steps. */
export type MethodSteps = (level: Level) => MethodAtLevel;

/** A way to meet distorted input, to compare with others: one file of this folder each. */
export interface MethodKind<Options = unknown> {
  /** In a line, for the report. */
  description: string;
  /** What is resident to serve every level: one network, a network per level, or a network with an adaptor per level. */
  resident: Resident;
  /** What an entry of the config may say beside the method's name; every field described. */
  options: z.ZodObject & z.ZodType<Options>;
  /** Called once per entry of the config. */
  prepare(options: Options, tools: MethodTools): MethodSteps;
}

/** Checks a kind of method against the interface, its options typed. */
export function defineMethod<Options>(kind: MethodKind<Options>): MethodKind {
  return kind as unknown as MethodKind;
}
