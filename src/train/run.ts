import { gearnnVersion } from '../common/version.js';
import { sliceIds } from '../data/slice.js';
import { loadSource } from '../data/source.js';
import { evaluate } from '../eval/evaluate.js';
import { createPredictor } from '../eval/predictor.js';
import type { Network } from '../models/network.js';
import type { StateDict } from '../models/state-dict.js';
import { fit } from './fit.js';
import { identityOf } from './fit-options.js';
import type { RunIdentity } from './identity.js';
import { preciseStatistics, warnOfNoStatistics } from './precise-statistics.js';
import { prepareFit, taskOf } from './prepare-fit.js';
import { withRunFolder, type RunFolderOptions } from './run-folder.js';
import { inVariants } from './run-options.js';
import type { Run } from './run-parts.js';
import { checkIdentity, type EpochRecord, type EpochScore } from './state.js';
import { checkTeachable } from './teachable.js';

/** Where a run's result goes. */
export interface RunResult extends RunFolderOptions {
  out: string;
  /** @param own tensors that were trained in place of the network's */
  save(network: Network, record: TrainingRecord, own?: StateDict): Promise<void>;
  /** The `training` of a config that was saved. */
  readTraining(): Promise<Record<string, unknown>>;
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
 * Trains, and saves what came out into `result.out`; until then all lies in its `.state/`.
 *
 * @throws what {@link withRunFolder} and {@link fit} throw
 */
export async function performRun(run: Run, result: RunResult): Promise<RunOutcome> {
  const { means, samples, settings } = run;
  const network = run.makeNetwork();
  try {
    return await withRunFolder(result.out, result, async ({ path, state, finished }) => {
      const fitOptions = await prepareFit(run, network, { state, resume: result.resume });
      if (finished) {
        const record = (await result.readTraining()) as unknown as TrainingRecord;
        checkIdentity((record.settings as RunIdentity | undefined) ?? {}, identityOf(fitOptions), path, means.warn);
        return { record, alreadyDone: true };
      }
      if (run.objective.needsTarget) await checkTeachable(samples, fitOptions.settings.augment, means);
      const precise = settings.statistics === 'precise';
      if (precise) warnOfNoStatistics(fitOptions, means.warn);
      const validation = await prepareValidation(run, network);
      try {
        await run.start?.put(fitOptions);
        const { epochs, steps, own } = await fit({ ...fitOptions, validate: validation?.measure });
        if (precise) await preciseStatistics(fitOptions);
        const record = recordOf(run, identityOf(fitOptions), steps, epochs);
        await result.save(network, record, own);
        return { record, alreadyDone: false };
      } finally {
        validation?.dispose();
      }
    });
  } finally {
    network.dispose();
  }
}

interface Validation {
  measure(epoch: number): Promise<EpochScore>;
  dispose(): void;
}

/** The task's primary score on whole images of the same level. */
async function prepareValidation(run: Run, network: Network): Promise<Validation | undefined> {
  const { source, variants, validate: slice } = run.samples;
  const { workers, progress, signal, engine } = run.means;
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

function recordOf({ samples, base, means }: Run, settings: RunIdentity, steps: number, history: EpochRecord[]) {
  const { name, version, precision, threads } = means.engine;
  return {
    gearnn: gearnnVersion(),
    level: samples.level,
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
