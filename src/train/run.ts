import type { Factors } from '../adaptor/lora.js';
import { gearnnVersion } from '../common/version.js';
import type { Dataset } from '../data/dataset.js';
import { sliceIds } from '../data/slice.js';
import { loadSource, type SampleSource } from '../data/source.js';
import { evaluate } from '../eval/evaluate.js';
import { requireNetworkFor } from '../models/task.js';
import { requireTask } from '../eval/require-task.js';
import { createPredictor } from '../eval/predictor.js';
import type { Network } from '../models/network.js';
import type { RankedTensor } from '../select/ranks.js';
import { taskNamed } from '../tasks/registry.js';
import type { Task } from '../tasks/task.js';
import { fit } from './fit.js';
import type { Objective } from './objectives/objective.js';
import { identityOf, objectiveOf, type FitOptions } from './fit-options.js';
import type { TrainableNames } from './freeze.js';
import type { RunIdentity } from './identity.js';
import { preciseStatistics, warnOfNoStatistics } from './precise-statistics.js';
import { contentIdentity } from './run-content.js';
import { withRunFolder } from './run-folder.js';
import { inVariants, sizeOf, trainingSamples, type RunOptions, type TrainingSettings } from './run-options.js';
import { checkIdentity, type EpochRecord, type EpochScore } from './state.js';
import { checkTeachable } from './teachable.js';

/** One training run from data to a folder, whatever it trains. */
export interface Run {
  options: RunOptions;
  settings: TrainingSettings;
  /** The clean dataset, for its name, classes and ignore id. */
  dataset: Dataset;
  /** The samples as they are trained on: distorted, for a level. */
  source: SampleSource;
  level: string;
  /** Samples of the source that stand for each sample, of which every epoch draws one. Default: 1. */
  variants?: number;
  /** Their levels, in that order. */
  mixture?: readonly string[];
  /** The source's samples before they were distorted. */
  clean?: SampleSource;
  /** What to train for. Default: the labels. */
  objective?: Objective;
  /** Makes the network with its first weights, every time a new one; the run disposes it. */
  makeNetwork(): Network;
  /** Names of the tensors to train. Default: all. */
  trainable?(network: Network): TrainableNames;
  /** Low-rank changes to train instead. */
  lora?(network: Network): RankedTensor[];
  /** Hash of the checkpoint that the first weights are of. */
  base?: string;
  /** Writes the result: of the trained network, or the factors of its low-rank changes. */
  save(network: Network, record: TrainingRecord, factors?: ReadonlyMap<string, Factors>): Promise<void>;
  /** Reads the record back that a finished run saved. */
  readRecord(): Promise<TrainingRecord>;
}

/** How a checkpoint or adaptor came about: the `training` of its config. */
export interface TrainingRecord {
  /** Version of gearnn. */
  gearnn: string;
  level: string;
  /** Hash of the base that was fine-tuned. */
  base?: string;
  /** Everything that the weights depend on. */
  settings: RunIdentity;
  engine: { name: string; version: string; precision: string; threads: number };
  /** Optimizer steps. */
  steps: number;
  /** Of training alone. */
  seconds: number;
  history: EpochRecord[];
}

/** What a call came to. */
export interface RunOutcome {
  record: TrainingRecord;
  /** The results were there already, from the same call. */
  alreadyDone: boolean;
}

/**
 * Trains, and saves what came out into `options.out`; until then all lies in its `.state/`.
 *
 * @throws what {@link withRunFolder} and {@link fit} throw
 */
export async function performRun(run: Run): Promise<RunOutcome> {
  const { options } = run;
  const network = run.makeNetwork();
  try {
    return await withRunFolder(options.out, options, async ({ path, state, finished }) => {
      const fitOptions = await prepareFit(run, network, state);
      if (finished) {
        const record = await run.readRecord();
        checkIdentity((record.settings as RunIdentity | undefined) ?? {}, identityOf(fitOptions), path, options.warn);
        return { record, alreadyDone: true };
      }
      const { augment } = fitOptions.settings;
      if (objectiveOf(run).needsTarget) {
        await checkTeachable(run.dataset, options, augment);
      }
      const precise = run.settings.statistics === 'precise';
      if (precise) warnOfNoStatistics(fitOptions, options.warn);
      const validation = await prepareValidation(run, network);
      try {
        const { epochs, steps, factors } = await fit({ ...fitOptions, validate: validation?.measure });
        if (precise) await preciseStatistics(fitOptions);
        const record = recordOf(run, identityOf(fitOptions), steps, epochs);
        await run.save(network, record, factors);
        return { record, alreadyDone: false };
      } finally {
        validation?.dispose();
      }
    });
  } finally {
    network.dispose();
  }
}

/**
 * How a run trains its network.
 *
 * @param state file for the run's state
 */
export async function prepareFit(
  run: Omit<Run, 'save' | 'readRecord'>,
  network: Network,
  state?: string,
): Promise<FitOptions> {
  const { options, settings, dataset, source, clean, level, variants, objective, trainable, base } = run;
  const { engine, resume, workers, progress, log, signal, warn } = options;
  const samples = await loadSource(source);
  const { split, ids } = trainingSamples(samples, options, variants);
  const task = taskOf(run, network);
  const { stride, preprocessing } = network.input;
  const seen = state === undefined ? {} : await contentIdentity(run, samples, { split, ids }, preprocessing);
  const { fit } = preprocessing;
  const crop = await sizeOf(settings, samples, split, { stride, variants, fit });
  const { size, scale, flip, ...rest } = { ...settings, size: crop };
  return {
    network,
    task,
    objective,
    clean,
    makeTeacher: () => run.makeNetwork(),
    settings: {
      ...rest,
      source,
      split,
      samples: ids,
      ...(variants && { variants }),
      augment: { crop: size, scale, flip, resize: fit?.resize, ...(samples.resized && { border: 'mirror' }) },
    },
    trainable: trainable?.(network),
    ...(run.lora && { lora: { ranks: run.lora(network) } }),
    precision: engine.precision,
    state,
    resume,
    identity: {
      // A path would tell where the data lies on this machine, not what they are.
      data: dataset.root === null ? dataset.spec : dataset.name,
      level,
      base,
      ...seen,
      ...(options.inferSize === 'original' && { inferSize: options.inferSize }),
      storage: options.storage ?? 'fp32',
      engine: engine.name,
      threads: engine.threads,
    },
    workers,
    progress,
    log,
    signal,
    warn,
  };
}

interface Validation {
  measure(epoch: number): Promise<EpochScore>;
  dispose(): void;
}

/** The task's primary score on whole images of the same level. */
async function prepareValidation(run: Run, network: Network): Promise<Validation | undefined> {
  const { options, source, variants } = run;
  const { validate: slice, workers, progress, signal, engine } = options;
  if (!slice) return undefined;
  const samples = sliceIds(await loadSource(source), inVariants(slice, variants), '--validate');
  const predictor = createPredictor(network, taskOf(run, network), { precision: engine.precision });
  return {
    async measure(epoch) {
      const task = `validate epoch ${epoch}`;
      const { split } = slice;
      const options = { network, predictor, source, split, samples, workers, task, progress, signal };
      const { scores, primary } = await evaluate(options);
      return { [primary]: scores[primary] };
    },
    dispose: () => predictor.dispose(),
  };
}

/** @throws E_USAGE for a network that cannot do it, E_DATA_TASK where the data are labelled for something else, or are not where the objective needs it */
function taskOf(run: Pick<Run, 'dataset' | 'objective'>, network: Network): Task {
  const { targets, ignore } = run.dataset;
  if (targets.name !== 'none' || objectiveOf(run).needsTarget) requireTask(run.dataset, network);
  const task = taskNamed(network.task, ignore);
  requireNetworkFor(task, network);
  return task;
}

function recordOf(run: Run, settings: RunIdentity, steps: number, history: EpochRecord[]): TrainingRecord {
  const { level, base, options } = run;
  const { name, version, precision, threads } = options.engine;
  return {
    gearnn: gearnnVersion(),
    level,
    ...(base !== undefined && { base }),
    // As a file gives it back.
    settings: JSON.parse(JSON.stringify(settings)) as RunIdentity,
    engine: { name, version, precision, threads },
    steps,
    seconds: round(history.reduce((sum, { seconds }) => sum + seconds, 0)),
    history: history.map((epoch) => ({ ...epoch, seconds: round(epoch.seconds) })),
  };
}

/** To milliseconds. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
