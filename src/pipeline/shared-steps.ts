import type { Level } from '../distort/level.js';
import type { Engine } from '../engine/start.js';
import type { Chooser } from '../select/choosers/chooser.js';
import { choosers } from '../select/choosers/registry.js';
import { values } from '../select/values/registry.js';
import type { ItemValue } from '../select/values/value.js';
import type { Experiment } from './experiment.js';
import type { Step } from './graph.js';
import type { CleanImages, LevelImages } from './images.js';
import type { MethodTools } from './methods/method.js';
import { once } from './once.js';
import { imagesAt } from './steps/distort.js';
import { gradientsStep } from './steps/gradients.js';
import { chooseRateStep, type Rate } from './steps/rate.js';
import type { Evaluator } from './steps/score.js';
import { splitStep, type LevelSources } from './steps/split.js';
import type { Base, FinetuneTarget, ItemChoice, SplitStep } from './steps/target.js';
import { tryRate, type RateUse, type Trial } from './steps/trial.js';
import { networkStep } from './steps/tune.js';

/** A learning rate that is chosen among trials. */
export interface ChosenRate {
  use: RateUse;
  level: string;
  step: Step<{ learningRate: number }>;
}

/** Steps that several methods need, each made once. */
export class SharedSteps {
  readonly trials: Trial[] = [];
  readonly rates: ChosenRate[] = [];
  readonly evaluator: Evaluator;
  private readonly splits = new Map<string, SplitStep>();

  private readonly images = perLevel((level): LevelImages => this.first?.images(level) ?? imagesAt(this.train, level));

  private readonly target = perLevel((level, objective): FinetuneTarget => {
    const { finetune, precision, seed, workers } = this.experiment;
    return {
      base: this.base,
      images: this.images(level),
      settings: { config: finetune, seed, workers, engine: { ...this.engine, precision: precision.train } },
      objective,
    };
  });

  private readonly full = perLevel((level, objective) => {
    const id = this.named(['full', ...wordsOf(objective), level.text].join(' '));
    return networkStep(id, this.target(level, objective), this.rate('switching', level));
  });

  private readonly gradients = perLevel((level, objective) => {
    const id = this.named(['gradients', ...wordsOf(objective), level.text].join(' '));
    return gradientsStep(id, this.target(level, objective));
  });

  constructor(
    private readonly experiment: Experiment,
    private readonly engine: Engine,
    private readonly train: CleanImages,
    readonly base: Base,
    /** Those of the experiment's own seed, where these repeat them with another. */
    private readonly first?: SharedSteps,
  ) {
    this.evaluator = { engine: { ...engine, precision: experiment.precision.evaluate }, workers: experiment.workers };
  }

  get seed(): number {
    return this.experiment.seed;
  }

  /** The same base, images and learning rates; everything else with another seed. */
  withSeed(seed: number): SharedSteps {
    return new SharedSteps({ ...this.experiment, seed }, this.engine, this.train, this.base, this);
  }

  /** Steps of another seed go by other ids. */
  named(text: string): string {
    return this.first ? `${text} seed=${this.seed}` : text;
  }

  /**
   * @param name of the method's entry
   * @param objective of its fine-tunes. Default: the labels
   */
  toolsFor(name: string, objective?: string): MethodTools {
    const { levels, budget } = this.experiment;
    return {
      name: this.named(name),
      levels,
      budget,
      base: this.base,
      target: (level) => this.target(level, objective),
      full: (level) => this.full(level, objective),
      split: (level, choice) => this.split(level, choice, objective),
      rate: (use, level) => this.rate(use, level),
    };
  }

  private split(level: Level, changes: Partial<ItemChoice> = {}, objective?: string): SplitStep {
    const { budget, granularity, levels, seed } = this.experiment;
    const standard: ItemChoice = { budget, granularity, values: 'change', choose: 'knapsack', seed };
    const given = Object.fromEntries(
      Object.entries(changes as Record<string, unknown>).filter(([, value]) => value !== undefined),
    );
    const choice: ItemChoice = { ...standard, ...given };
    const differences = Object.entries(choice).filter(([name, value]) => value !== standard[name as keyof ItemChoice]);
    const words = differences.map(([name, value]) => `${name}=${value}`);
    const id = this.named(['split', ...words, ...wordsOf(objective), level.text].join(' '));
    return once(this.splits, id, () => {
      const chooser: Chooser = choosers[choice.choose];
      const others = chooser.acrossLevels ? levels.filter(({ text }) => text !== level.text) : [];
      const value: ItemValue = values[choice.values];
      const tuned = (at: Level): LevelSources => ({
        full: this.full(at, objective),
        ...(value.needsGradients && { gradients: this.gradients(at, objective) }),
      });
      const elsewhere = Object.fromEntries(others.map((other) => [other.text, tuned(other)]));
      return splitStep(id, { base: this.base, ...tuned(level), others: elsewhere }, choice);
    });
  }

  private rate(use: RateUse, level: Level): Rate {
    if (this.first) return this.first.rate(use, level);
    const { finetune, rates, levels } = this.experiment;
    if (!rates) return use === 'adaptor' ? finetune.learningRate.adaptor : finetune.learningRate.full;
    const tried = nearest(level, rates.levels, levels);
    const known = this.rates.find((rate) => rate.use === use && rate.level === tried.text);
    if (known) return known.step;
    // Rates are of the experiment, not of one method with its own objective: labels decide, or the teacher where there are none.
    const objective = this.train.dataset.unlabelled ? 'teacher' : undefined;
    const target = this.target(tried, objective);
    const split = use === 'adaptor' ? this.split(tried, {}, objective) : undefined;
    const trials = rates.candidates.map((learningRate) =>
      tryRate({ target: { ...target, split }, parts: rates, evaluator: this.evaluator, learningRate }),
    );
    const step = chooseRateStep(use, tried.text, trials);
    this.trials.push(...trials);
    this.rates.push({ use, level: tried.text, step });
    return step;
  }
}

/** What `make` gives for a level and an objective, made at the first call with these. */
function perLevel<Made>(make: (level: Level, objective?: string) => Made): typeof make {
  const made = new Map<string, Made>();
  return (level, objective) => once(made, [...wordsOf(objective), level.text].join(' '), () => make(level, objective));
}

/** What ids say of an objective: nothing of the labels. */
function wordsOf(objective = 'labels'): string[] {
  return objective === 'labels' ? [] : [`objective=${objective}`];
}

/** The one of `tried` that is nearest by position in the list of all levels; of two the earlier. */
export function nearest(level: Level, tried: readonly Level[], all: readonly Level[]): Level {
  const position = ({ text }: Level): number => all.findIndex((other) => other.text === text);
  const distance = (other: Level): number => Math.abs(position(other) - position(level));
  return tried.reduce((best, other) => (distance(other) < distance(best) ? other : best));
}
