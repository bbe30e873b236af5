import { formatSlice, type Slice } from '../data/slice.js';
import type { Level } from '../distort/level.js';
import type { Engine } from '../engine/start.js';
import type { Chooser } from '../select/choosers/chooser.js';
import { choosers } from '../select/choosers/registry.js';
import { values } from '../select/values/registry.js';
import type { ItemValue } from '../select/values/value.js';
import type { Experiment } from './experiment.js';
import type { Step } from './graph.js';
import type { LevelImages } from './images.js';
import type { MethodTools, OtherBase } from './methods/method.js';
import { once } from './once.js';
import { imagesAt } from './steps/distort.js';
import { gradientsStep } from './steps/gradients.js';
import { chooseRateStep, type Rate } from './steps/rate.js';
import { CleanAnswers } from './steps/clean-answers.js';
import type { Evaluator } from './steps/score.js';
import { splitStep, type LevelSources } from './steps/split.js';
import type { Base, FinetuneTarget, ItemChoice, SplitStep } from './steps/target.js';
import { tryRate, type RateUse, type Trial } from './steps/trial.js';
import { networkStep } from './steps/tune.js';
import type { TrainingImages } from './training-images.js';
import { checkAround, drawnFrom, wordsOf, type TuneChanges } from './tune-changes.js';

/** A learning rate that is chosen among trials. */
export interface ChosenRate {
  use: RateUse;
  level: string;
  step: Step<{ learningRate: number }>;
}

/** Where shared steps differ from those that others were made from. */
interface Derived {
  /** Those that they share images and learning rates with. */
  first: SharedSteps;
  /** Ends their ids. */
  suffix: string;
  /** Positions among the training images that all of them are trained on. Default: all. */
  part?: Slice;
}

/** Steps that several methods need, each made once. */
export class SharedSteps {
  readonly trials: Trial[] = [];
  readonly rates: ChosenRate[] = [];
  readonly evaluator: Evaluator;
  private readonly splits = new Map<string, SplitStep>();

  private readonly levelImages = new Map<string, LevelImages>();

  private readonly target = perLevel((level, changes): FinetuneTarget => {
    const { finetune, precision, seed, workers } = this.experiment;
    const { train, objective, average, around } = changes;
    const levels = drawnFrom(level, around, `methods: around ${level.text}`);
    return {
      base: this.base,
      images: this.imagesOf(level, train),
      ...(levels && { mixture: levels.map((other) => this.imagesOf(other, train)), named: level.text }),
      ...(this.derived?.part && { part: this.derived.part }),
      settings: {
        config: { ...finetune, ...(average !== undefined && { average }) },
        ...{ seed, workers, engine: { ...this.engine, precision: precision.train } },
      },
      objective,
    };
  });

  private readonly full = perLevel((level, changes) => {
    const id = this.named(['full', ...wordsOf(changes, level), level.text].join(' '));
    return networkStep(id, this.target(level, changes), this.rate('switching', level));
  });

  private readonly gradients = perLevel((level, changes) => {
    const id = this.named(['gradients', ...wordsOf(changes, level), level.text].join(' '));
    return gradientsStep(id, this.target(level, changes));
  });

  constructor(
    private readonly experiment: Experiment,
    private readonly engine: Engine,
    private readonly training: TrainingImages,
    readonly base: Base,
    private readonly derived?: Derived,
  ) {
    this.evaluator = {
      engine: { ...engine, precision: experiment.precision.evaluate },
      workers: experiment.workers,
      answers: derived?.first.evaluator.answers ?? new CleanAnswers(),
    };
  }

  get seed(): number {
    return this.experiment.seed;
  }

  /** The same base, images and learning rates; everything else with another seed. */
  withSeed(seed: number): SharedSteps {
    return this.derive(this.base, { seed }, { first: this, suffix: ` seed=${seed}` });
  }

  /** The same images and learning rates, with another base. */
  private withBase(base: Base, { name, finetune, part }: OtherBase): SharedSteps {
    const changes = { finetune: { ...this.experiment.finetune, ...finetune } };
    return this.derive(base, changes, { first: this, suffix: ` on ${name}`, part });
  }

  private derive(base: Base, changes: Partial<Experiment>, derived: Derived): SharedSteps {
    return new SharedSteps({ ...this.experiment, ...changes }, this.engine, this.training, base, derived);
  }

  /** Steps of another seed or base go by other ids. */
  named(text: string): string {
    return this.derived ? text + this.derived.suffix : text;
  }

  /**
   * @param name of the method's entry
   * @param changes of its fine-tunes
   */
  toolsFor(name: string, changes: TuneChanges = {}): MethodTools {
    const { levels, budget, intervals, seed } = this.experiment;
    checkAround(changes.around, levels, `methods.${name}.around`);
    const shown = this.named(name);
    return {
      ...{ name: shown, levels, budget, intervals, seed, base: this.base, evaluator: this.evaluator },
      finetune: this.experiment.finetune,
      target: (level) => this.target(level, changes),
      imagesOf: (level, samples) => this.imagesOf(level, samples),
      full: (level) => this.full(level, changes),
      split: (level, choice) => this.split(level, choice, changes),
      rate: (use, level) => this.rate(use, level),
      on: (base, other) => this.withBase(base, { name: shown, ...other }).toolsFor(name, changes),
    };
  }

  /** @param samples as an option of a method names them. Default: the experiment's for training */
  private imagesOf(level: Level, samples?: string): LevelImages {
    if (this.derived) return this.derived.first.imagesOf(level, samples);
    const images = this.training.of(samples);
    const key = `${formatSlice(images.slice)} ${level.text}`;
    return once(this.levelImages, key, () => imagesAt(images, level));
  }

  private split(level: Level, choice: Partial<ItemChoice> = {}, changes: TuneChanges = {}): SplitStep {
    const { budget, granularity, levels, seed } = this.experiment;
    const standard: ItemChoice = { budget, granularity, values: 'change', choose: 'knapsack', seed };
    const given = Object.fromEntries(
      Object.entries(choice as Record<string, unknown>).filter(([, value]) => value !== undefined),
    );
    const whole: ItemChoice = { ...standard, ...given };
    const differences = Object.entries(whole).filter(([name, value]) => value !== standard[name as keyof ItemChoice]);
    const words = differences.map(([name, value]) => `${name}=${value}`);
    const id = this.named(['split', ...words, ...wordsOf(changes, level), level.text].join(' '));
    return once(this.splits, id, () => {
      const chooser: Chooser = choosers[whole.choose];
      const others = chooser.acrossLevels ? levels.filter(({ text }) => text !== level.text) : [];
      const value: ItemValue = values[whole.values];
      const tuned = (at: Level): LevelSources => ({
        full: this.full(at, changes),
        ...(value.needsGradients && { gradients: this.gradients(at, changes) }),
      });
      const elsewhere = Object.fromEntries(others.map((other) => [other.text, tuned(other)]));
      return splitStep(id, { base: this.base, ...tuned(level), others: elsewhere }, whole);
    });
  }

  private rate(use: RateUse, level: Level): Rate {
    if (this.derived) return this.derived.first.rate(use, level);
    const { finetune, rates, levels } = this.experiment;
    if (!rates) return use === 'adaptor' ? finetune.learningRate.adaptor : finetune.learningRate.full;
    const tried = nearest(level, rates.levels, levels);
    const known = this.rates.find((rate) => rate.use === use && rate.level === tried.text);
    if (known) return known.step;
    // Rates are of the experiment, not of one method with its own objective: labels decide, or the teacher where there are none.
    const changes = this.training.of().dataset.unlabelled ? { objective: 'teacher' } : {};
    const target = this.target(tried, changes);
    const split = use === 'adaptor' ? this.split(tried, {}, changes) : undefined;
    const trials = rates.candidates.map((learningRate) =>
      tryRate({ target: { ...target, split }, parts: rates, evaluator: this.evaluator, learningRate }),
    );
    const step = chooseRateStep(use, tried.text, trials);
    this.trials.push(...trials);
    this.rates.push({ use, level: tried.text, step });
    return step;
  }
}

/** What `make` gives for a level and changes of fine-tunes, made at the first call with these. */
function perLevel<Made>(
  make: (level: Level, changes: TuneChanges) => Made,
): (level: Level, changes?: TuneChanges) => Made {
  const made = new Map<string, Made>();
  return (level, changes = {}) =>
    once(made, [...wordsOf(changes, level), level.text].join(' '), () => make(level, changes));
}

/** The one of `tried` that is nearest by position in the list of all levels; of two the earlier. */
export function nearest(level: Level, tried: readonly Level[], all: readonly Level[]): Level {
  const position = ({ text }: Level): number => all.findIndex((other) => other.text === text);
  const distance = (other: Level): number => Math.abs(position(other) - position(level));
  return tried.reduce((best, other) => (distance(other) < distance(best) ? other : best));
}
