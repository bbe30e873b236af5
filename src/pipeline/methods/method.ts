import type { z } from 'zod';
import type { Slice } from '../../data/slice.js';
import type { Level } from '../../distort/level.js';
import type { Resident } from '../../select/memory.js';
import type { Candidate } from '../steps/evaluate.js';
import type { KeptOutput } from '../steps/keep.js';
import type { AdaptorOutput, NetworkOutput } from '../steps/outputs.js';
import type { Rate } from '../steps/rate.js';
import type { Base, FinetuneTarget, ItemChoice, SplitStep } from '../steps/target.js';
import type { Step } from '../graph.js';
import type { LevelImages } from '../images.js';
import type { RateUse } from '../steps/trial.js';
import type { Evaluator } from '../steps/score.js';
import type { TunedStep } from '../steps/tune.js';
import type { FinetuneConfig } from '../training-config.js';

/** What a method makes its steps from; steps that several methods need are made once. */
export interface MethodTools {
  /** The entry's name in the table; part of its steps' ids. */
  name: string;
  /** All of the experiment's. */
  levels: readonly Level[];
  /** The experiment's. */
  budget: string;
  /** How fine-tunes are made unless a method says otherwise. */
  finetune: FinetuneConfig;
  /** How sure differences are, by images. */
  intervals: { block: number; resamples: number };
  /** Of everything random. */
  seed: number;
  base: Base;
  evaluator: Evaluator;
  /** Training images at a level, and how fine-tunes are made, the entry's objective among it. */
  target(level: Level): FinetuneTarget;
  /** Other samples at a level, as an option of the entry names them. */
  imagesOf(level: Level, samples: string): LevelImages;
  /** The whole base fine-tuned at a level. */
  full(level: Level): TunedStep<NetworkOutput>;
  /** Items of a level's adaptor; what the choice leaves open is as the experiment's config says. */
  split(level: Level, choice: Partial<ItemChoice>): SplitStep;
  /** The learning rate of whole networks or of adaptors at a level. */
  rate(use: RateUse, level: Level): Rate;
  /** The same with another base: what is fine-tuned, and what sensitivities are measured against. Rates are those of the experiment. */
  on(base: Base, other?: Omit<OtherBase, 'name'>): MethodTools;
}

/** What steps on another base differ in. */
export interface OtherBase {
  /** Of the base, for ids. */
  name: string;
  /** How fine-tunes differ from the experiment's. */
  finetune?: Partial<FinetuneConfig>;
  /** Positions among the training images to train on. Default: all. */
  part?: Slice;
}

/** What a method has at one level. */
export interface MethodAtLevel {
  /** What answers. */
  candidate: Omit<Candidate, 'name'>;
  /** Its items. */
  split?: SplitStep;
  /** What it adds to the base in memory. */
  adaptor?: Step<AdaptorOutput>;
  /** What became of the adaptor, where it has to win first. */
  kept?: Step<KeptOutput>;
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
