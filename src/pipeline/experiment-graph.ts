import type { Dataset } from '../data/dataset.js';
import { formatSlice } from '../data/slice.js';
import { openDataset } from '../data/registry.js';
import { CLEAN, type Level } from '../distort/level.js';
import { thisMachine } from '../engine/machine.js';
import type { Engine } from '../engine/start.js';
import type { Input } from '../frequency/inputs.js';
import { checkParts, cleanImages, type CleanImagesOptions } from './clean-images.js';
import type { Experiment } from './experiment.js';
import { firstBase } from './first-base.js';
import type { Step } from './graph.js';
import type { CleanImages, LevelImages } from './images.js';
import type { MethodEntry } from './methods/entry.js';
import type { MethodAtLevel, MethodSteps } from './methods/method.js';
import { methodKinds } from './methods/registry.js';
import { once } from './once.js';
import { SharedSteps, type ChosenRate } from './shared-steps.js';
import { TrainingImages } from './training-images.js';
import {
  unseenCells,
  unseenClean,
  unseenParts,
  type UnseenCells,
  type UnseenPart,
  type UnseenPlaces,
} from './unseen.js';
import { changesIn } from './tune-changes.js';
import { alternateStep, type AlternateOutput } from './steps/alternate.js';
import { imagesAt } from './steps/distort.js';
import { evaluateStep, type Candidate, type EvaluateOutput } from './steps/evaluate.js';
import { framesStep } from './steps/frames.js';
import { frequencyStep, type FrequencyOutput } from './steps/frequency.js';
import type { FirstBase } from './steps/target.js';
import type { Trial } from './steps/trial.js';

/** One cell of the table: a method at a level. */
export interface Cell extends MethodAtLevel {
  /** The method's name in the table. */
  method: string;
  evaluation: Step<EvaluateOutput>;
}

/** A method's network for a level, and images to measure its frequency response on. */
export interface FrequencyCell {
  method: string;
  input: Input;
  step: Step<FrequencyOutput>;
}

/** A method on sequences whose level changes after so many frames. */
export interface AlternationCell {
  method: string;
  burst: number;
  step: Step<AlternateOutput>;
}

/** The steps of one level. */
export interface LevelSteps {
  level: string;
  /** In the order of the methods. */
  cells: Cell[];
  /** The same with every other seed, of the methods that depend on it. */
  repeats: { seed: number; cells: Cell[] }[];
  /** The methods on samples that nothing is trained on. */
  unseen: UnseenCells[];
  /** Responses of this level's networks. */
  frequency: FrequencyCell[];
  frames?: Step;
}

/** All steps of an experiment. */
export interface ExperimentGraph {
  dataset: Dataset;
  train: CleanImages;
  validate: CleanImages;
  base: FirstBase;
  /** The original on clean images. */
  clean: Step<EvaluateOutput>;
  /** The same on samples that nothing is trained on, where they are judged by labels. */
  unseenClean: { part: UnseenPart; evaluation: Step<EvaluateOutput> }[];
  unseen: UnseenPart[];
  methods: MethodEntry[];
  levels: LevelSteps[];
  /** Of methods that adapt while answering, on sequences whose level changes. */
  alternations: AlternationCell[];
  trials: Trial[];
  rates: ChosenRate[];
}

export interface GraphOptions extends CleanImagesOptions {
  /** The running engine. */
  engine: Engine;
  /** Example images too. */
  frames: boolean;
}

/**
 * The steps of an experiment. Reads the dataset's files (or their dates, where they were read before) and the given base's, as what
 * is in them belongs to the steps' addresses; computes nothing.
 */
export async function buildGraph(given: GraphOptions): Promise<ExperimentGraph> {
  const { experiment } = given;
  const machine = experiment.sameMachine ? thisMachine(given.engine) : undefined;
  const options = { ...given, engine: { ...given.engine, machine } };
  const dataset = await openDataset(experiment.data);
  const training = await TrainingImages.open(dataset, options);
  const train = training.of();
  const validate = await cleanImages(dataset, experiment.validate, options);
  checkParts(experiment, train, validate);
  training.checkValidate(validate);
  const unseen = await unseenParts(dataset, training, options);
  const base = await firstBase(options, train);
  const shared = new SharedSteps(experiment, options.engine, training, base);
  const builder = new Builder(options, validate, unseen, shared);
  const repeats = otherSeeds(experiment).map((seed) => builder.withSeed(seed));
  const levels = experiment.levels.map((level) => builder.levelSteps(level, repeats));
  const { trials, rates } = shared;
  const alternations = builder.alternations();
  return {
    dataset,
    train,
    validate,
    base,
    clean: builder.clean,
    unseenClean: builder.unseenClean,
    unseen,
    methods: experiment.methods,
    levels,
    alternations,
    trials,
    rates,
  };
}

/** Seeds that an experiment is repeated with, its own left out. */
export function otherSeeds({ seed, seeds = [] }: Pick<Experiment, 'seed' | 'seeds'>): number[] {
  return [...new Set(seeds)].filter((other) => other !== seed);
}

/** Makes the cells of the table. */
class Builder {
  readonly clean: Step<EvaluateOutput>;
  readonly unseenClean: ExperimentGraph['unseenClean'];
  private readonly cleanImages: LevelImages;
  /** Made once each, as a network that serves all levels is measured once on clean images. */
  private readonly responses = new Map<string, Step<FrequencyOutput>>();
  private readonly images = new Map<string, LevelImages>();
  private readonly methods: { name: string; at: MethodSteps }[];

  constructor(
    private readonly options: GraphOptions,
    private readonly validate: CleanImages,
    private readonly unseen: readonly UnseenPart[],
    readonly shared: SharedSteps,
  ) {
    const { methods } = options.experiment;
    const name = methods.find(({ kind }) => kind === 'original')?.name ?? 'original';
    this.cleanImages = imagesAt(validate, CLEAN);
    const original = { name, form: 'original', base: shared.base } as const;
    this.clean = evaluateStep(original, this.cleanImages, shared.evaluator);
    this.unseenClean = unseenClean(unseen, original, this.places);
    this.methods = methods.map(({ name, kind, options: own }) => ({
      name,
      at: methodKinds[kind]!.prepare(own, shared.toolsFor(name, changesIn(own))),
    }));
  }

  /** The same base, images and learning rates; everything else with another seed. */
  withSeed(seed: number): Builder {
    return new Builder(this.options, this.validate, [], this.shared.withSeed(seed));
  }

  levelSteps(level: Level, others: readonly Builder[]): LevelSteps {
    const images = this.imagesOf(this.validate, level);
    const cells = this.cells(level, images);
    const repeats = others.map((other) => ({
      seed: other.shared.seed,
      cells: other.cells(level, images).filter(({ candidate }) => candidate.tuned),
    }));
    const all = cells.map(({ method: name, candidate }) => ({ name, ...candidate }));
    // Of those that adapt as they answer, a picture by itself shows nothing.
    const candidates = all.filter(({ online }) => !online);
    const unseen = unseenCells(this.unseen, level, all, this.places);
    const frames = this.frames(candidates, images);
    const frequency = this.frequency(candidates, images);
    return { level: level.text, cells, repeats, unseen, frequency, ...(frames && { frames }) };
  }

  private imagesOf(images: CleanImages, level: Level): LevelImages {
    return once(this.images, `${formatSlice(images.slice)} ${level.text}`, () => imagesAt(images, level));
  }

  private get places(): UnseenPlaces {
    return { imagesAt: (images, level) => this.imagesOf(images, level), evaluator: this.shared.evaluator };
  }

  alternations(): AlternationCell[] {
    const { levels, alternation } = this.options.experiment;
    const images = levels.map((level) => this.imagesOf(this.validate, level));
    const online = this.methods.flatMap(({ name, at }) => {
      const { candidate } = at(levels[0]!);
      return candidate.online ? [{ name, ...candidate }] : [];
    });
    return online.flatMap((candidate) =>
      [...new Set(alternation?.bursts ?? [])].map((burst) => ({
        ...{ method: candidate.name, burst },
        step: alternateStep(candidate, images, burst, this.shared.evaluator),
      })),
    );
  }

  private cells(level: Level, images: LevelImages): Cell[] {
    const { shared } = this;
    return this.methods.map(({ name: method, at }): Cell => {
      const found = at(level);
      const candidate = { name: shared.named(method), ...found.candidate };
      return { method, ...found, evaluation: evaluateStep(candidate, images, shared.evaluator) };
    });
  }

  private frequency(candidates: readonly Candidate[], distorted: LevelImages): FrequencyCell[] {
    const { frequency: settings } = this.options.experiment;
    const level = distorted.level.text;
    if (!settings?.levels.includes(level)) return [];
    const measured = candidates.filter(({ name }) => settings.methods.includes(name));
    return settings.inputs.flatMap((input) =>
      measured.map((candidate): FrequencyCell => {
        const images = input === 'clean' ? this.cleanImages : distorted;
        const target = { candidate, level, images, part: settings.samples };
        const key = `${candidate.form} ${candidate.tuned?.id ?? 'base'} ${images.level.text}`;
        const step = once(this.responses, key, () => frequencyStep(target, this.shared.evaluator));
        return { method: candidate.name, input, step };
      }),
    );
  }

  private frames(candidates: Candidate[], images: LevelImages): Step | undefined {
    const { experiment, frames } = this.options;
    const { samples, levels = defaultFrameLevels(experiment.levels) } = experiment.frames;
    // Pictures of masks, which there are of label maps alone.
    const hasMasks = images.dataset.targets.labelFiles;
    if (!frames || candidates.length === 0 || !hasMasks || samples === 0 || !levels.includes(images.level.text))
      return undefined;
    return framesStep(candidates, images, samples, this.shared.evaluator);
  }
}

/** The first level, which is the most distorted one, and the middle one. */
function defaultFrameLevels(levels: readonly Level[]): string[] {
  return [levels[0]!.text, levels[Math.floor(levels.length / 2)]!.text];
}
