import type { Progress } from '../common/progress.js';
import type { Dataset } from '../data/dataset.js';
import { openDataset } from '../data/registry.js';
import { CLEAN, type Level } from '../distort/level.js';
import type { Engine } from '../engine/start.js';
import type { Chooser } from '../select/choosers/chooser.js';
import { choosers } from '../select/choosers/registry.js';
import { values } from '../select/values/registry.js';
import type { ItemValue } from '../select/values/value.js';
import { checkParts, cleanImages } from './clean-images.js';
import type { Experiment } from './experiment.js';
import { FrequencyCells, type FrequencyCell } from './frequency-cells.js';
import type { Step } from './graph.js';
import type { CleanImages, LevelImages } from './images.js';
import type { MethodEntry } from './methods/entry.js';
import type { MethodAtLevel, MethodSteps, MethodTools } from './methods/method.js';
import { methods } from './methods/registry.js';
import { once } from './once.js';
import { givenBase, trainedBase } from './steps/base.js';
import { imagesAt } from './steps/distort.js';
import { evaluateStep, type Candidate, type EvaluateOutput } from './steps/evaluate.js';
import { framesStep } from './steps/frames.js';
import { gradientsStep } from './steps/gradients.js';
import { chooseRateStep, type Rate } from './steps/rate.js';
import type { NetworkOutput } from './steps/outputs.js';
import { splitStep, type TunedSteps } from './steps/split.js';
import type { Base, FinetuneTarget, ItemChoice, SplitStep } from './steps/target.js';
import { tryRate, type Trial } from './steps/trial.js';
import { fullStep } from './steps/tune.js';

/** One cell of the table: a method at a level. */
export interface Cell extends MethodAtLevel {
  /** The method's name in the table. */
  method: string;
  evaluation: Step<EvaluateOutput>;
}

/** The steps of one level. */
export interface LevelSteps {
  level: string;
  /** In the order of the methods. */
  cells: Cell[];
  /** The same with every other seed, of the methods that depend on it. */
  repeats: { seed: number; cells: Cell[] }[];
  /** Responses of this level's networks. */
  frequency: FrequencyCell[];
  frames?: Step;
}

/** All steps of an experiment. */
export interface ExperimentGraph {
  dataset: Dataset;
  train: CleanImages;
  validate: CleanImages;
  base: Base;
  /** The original on clean images. */
  clean: Step<EvaluateOutput>;
  methods: MethodEntry[];
  levels: LevelSteps[];
  trials: Trial[];
  /** Steps that choose among the trials. */
  choices: { method: 'switching' | 'adaptor'; level: string; step: Step<{ learningRate: number }> }[];
}

export interface GraphOptions {
  experiment: Experiment;
  /** Folder that the hashes of the dataset's files are kept in. */
  work: string;
  /** The running engine. */
  engine: Engine;
  /** Example images too. */
  frames: boolean;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * The steps of an experiment. Reads the dataset's files (or their dates, where they were read before) and the given base's, as what
 * is in them belongs to the steps' addresses; computes nothing.
 */
export async function buildGraph(options: GraphOptions): Promise<ExperimentGraph> {
  const { experiment } = options;
  const dataset = await openDataset(experiment.data);
  const train = await cleanImages(dataset, experiment.train, options);
  const validate = await cleanImages(dataset, experiment.validate, options);
  checkParts(experiment, train, validate);
  const builder = new Builder(options, train, validate, await makeBase(options, train));
  const repeats = otherSeeds(experiment).map((seed) => builder.withSeed(seed));
  const levels = experiment.levels.map((level) => builder.levelSteps(level, repeats));
  const { base, clean, trials, choices } = builder;
  return { dataset, train, validate, base, clean, methods: experiment.methods, levels, trials, choices };
}

/** Seeds that an experiment is repeated with, its own left out. */
export function otherSeeds({ seed, seeds = [] }: Pick<Experiment, 'seed' | 'seeds'>): number[] {
  return [...new Set(seeds)].filter((other) => other !== seed);
}

/** Makes every step once, however many others need it. */
class Builder {
  readonly trials: Trial[] = [];
  readonly choices: ExperimentGraph['choices'] = [];
  readonly clean: Step<EvaluateOutput>;
  private readonly targets = new Map<string, FinetuneTarget>();
  private readonly fulls = new Map<string, Step<NetworkOutput>>();
  private readonly gradientSteps = new Map<string, Step<{ hash: string }>>();
  private readonly splits = new Map<string, SplitStep>();
  private readonly frequency: FrequencyCells;
  private readonly evaluator;
  private readonly methods: { name: string; at: MethodSteps }[];

  constructor(
    private readonly options: GraphOptions,
    private readonly train: CleanImages,
    private readonly validate: CleanImages,
    readonly base: Base,
    /** Of the experiment's own seed, where this one repeats it with another. */
    private readonly first?: Builder,
  ) {
    const { experiment, engine } = options;
    this.evaluator = { engine: { ...engine, precision: experiment.precision.evaluate }, workers: experiment.workers };
    const name = experiment.methods.find(({ method }) => method === 'original')?.name ?? 'original';
    const clean = imagesAt(validate, CLEAN);
    this.clean = evaluateStep({ name, form: 'original', base }, clean, this.evaluator);
    this.frequency = new FrequencyCells(experiment.frequency, clean, this.evaluator);
    this.methods = experiment.methods.map((entry) => ({
      name: entry.name,
      at: methods[entry.method]!.prepare(entry.options, this.toolsOf(entry.name)),
    }));
  }

  /** The same base, images and learning rates; everything else with another seed. */
  withSeed(seed: number): Builder {
    const options = { ...this.options, experiment: { ...this.options.experiment, seed } };
    return new Builder(options, this.train, this.validate, this.base, this);
  }

  levelSteps(level: Level, others: readonly Builder[]): LevelSteps {
    const images = imagesAt(this.validate, level);
    const cells = this.cells(level, images);
    const repeats = others.map((other) => ({
      seed: other.options.experiment.seed,
      cells: other.cells(level, images).filter(({ candidate }) => candidate.tuned),
    }));
    const candidates = cells.map(({ method: name, candidate }) => ({ name, ...candidate }));
    const frames = this.frames(candidates, images);
    const frequency = this.frequency.at(level, candidates, images);
    return { level: level.text, cells, repeats, frequency, ...(frames && { frames }) };
  }

  private cells(level: Level, images: LevelImages): Cell[] {
    return this.methods.map(({ name: method, at }): Cell => {
      const found = at(level);
      const candidate = { name: this.named(method), ...found.candidate };
      return { method, ...found, evaluation: evaluateStep(candidate, images, this.evaluator) };
    });
  }

  /** Steps of another seed go by other ids. */
  private named(text: string): string {
    return this.first ? `${text} seed=${this.options.experiment.seed}` : text;
  }

  private toolsOf(name: string): MethodTools {
    return {
      name: this.named(name),
      levels: this.options.experiment.levels,
      budget: this.options.experiment.budget,
      base: this.base,
      target: (level) => this.target(level),
      full: (level) => this.full(level),
      split: (level, choice) => this.split(level, choice),
      rate: (of, level) => this.rate(of, level),
    };
  }

  private frames(candidates: Candidate[], images: LevelImages): Step | undefined {
    const { experiment, frames } = this.options;
    const { samples, levels = defaultFrameLevels(experiment.levels) } = experiment.frames;
    if (!frames || samples === 0 || !levels.includes(images.level.text)) return undefined;
    return framesStep(candidates, images, samples, this.evaluator);
  }

  private full(level: Level): Step<NetworkOutput> {
    return once(this.fulls, level.text, () => {
      const step = fullStep(this.target(level), this.rate('switching', level));
      return { ...step, id: this.named(step.id) };
    });
  }

  private gradients(level: Level): Step<{ hash: string }> {
    return once(this.gradientSteps, level.text, () => {
      const step = gradientsStep(this.target(level));
      return { ...step, id: this.named(step.id) };
    });
  }

  private split(level: Level, changes: Partial<ItemChoice> = {}): SplitStep {
    const { budget, granularity, levels, seed } = this.options.experiment;
    const standard: ItemChoice = { budget, granularity, values: 'change', choose: 'knapsack', seed };
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const choice: ItemChoice = { ...standard, ...given };
    const differences = Object.entries(choice).filter(([name, value]) => value !== standard[name as keyof ItemChoice]);
    const words = differences.map(([name, value]) => `${name}=${value}`);
    return once(this.splits, `${level.text} ${words.join(' ')}`, () => {
      const chooser: Chooser = choosers[choice.choose];
      const others = chooser.acrossLevels ? levels.filter(({ text }) => text !== level.text) : [];
      const value: ItemValue = values[choice.values];
      const tuned = (at: Level): TunedSteps => ({
        full: this.full(at),
        ...(value.needsGradients && { gradients: this.gradients(at) }),
      });
      const elsewhere = Object.fromEntries(others.map((other) => [other.text, tuned(other)]));
      const step = splitStep(level.text, { base: this.base, ...tuned(level), others: elsewhere }, choice);
      return { ...step, id: this.named(['split', ...words, level.text].join(' ')) };
    });
  }

  private target(level: Level): FinetuneTarget {
    const { experiment, engine } = this.options;
    const { finetune, precision, seed, workers } = experiment;
    return once(this.targets, level.text, () => ({
      base: this.base,
      images: this.first?.target(level).images ?? imagesAt(this.train, level),
      settings: { config: finetune, seed, workers, engine: { ...engine, precision: precision.train } },
    }));
  }

  private rate(method: 'switching' | 'adaptor', level: Level): Rate {
    if (this.first) return this.first.rate(method, level);
    const { finetune, rates, levels } = this.options.experiment;
    if (!rates) return method === 'adaptor' ? finetune.learningRate.adaptor : finetune.learningRate.full;
    const tried = nearest(level, rates.levels, levels);
    const known = this.choices.find((choice) => choice.method === method && choice.level === tried.text);
    if (known) return known.step;
    const target = this.target(tried);
    const split = method === 'adaptor' ? this.split(tried) : undefined;
    const trials = rates.candidates.map((learningRate) =>
      tryRate({ target: { ...target, split }, parts: rates, evaluator: this.evaluator, learningRate }),
    );
    const step = chooseRateStep(method, tried.text, trials);
    this.trials.push(...trials);
    this.choices.push({ method, level: tried.text, step });
    return step;
  }
}

async function makeBase({ experiment, engine }: GraphOptions, images: CleanImages): Promise<Base> {
  const { base, seed, workers, precision } = experiment;
  if (base.checkpoint !== undefined) return givenBase(base.checkpoint);
  return trainedBase({
    settings: base.train!,
    images,
    seed,
    workers,
    engine: { ...engine, precision: precision.train },
  });
}

/** The one of `tried` that is nearest by position in the list of all levels; of two the earlier. */
export function nearest(level: Level, tried: readonly Level[], all: readonly Level[]): Level {
  const position = ({ text }: Level): number => all.findIndex((other) => other.text === text);
  const distance = (other: Level): number => Math.abs(position(other) - position(level));
  return tried.reduce((best, other) => (distance(other) < distance(best) ? other : best));
}

/** The first level, which is the most distorted one, and the middle one. */
function defaultFrameLevels(levels: readonly Level[]): string[] {
  return [levels[0]!.text, levels[Math.floor(levels.length / 2)]!.text];
}
