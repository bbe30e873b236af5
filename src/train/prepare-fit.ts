import { loadSource } from '../data/source.js';
import { requireTask } from '../eval/require-task.js';
import { requireNetworkFor, requireOutputsToLearnFrom } from '../models/task.js';
import type { Network } from '../models/network.js';
import type { Preprocessing } from '../models/preprocessing.js';
import { taskNamed } from '../tasks/registry.js';
import type { Task } from '../tasks/task.js';
import type { FitOptions } from './fit-options.js';
import { contentIdentity } from './run-content.js';
import { sizeOf, trainingSamples } from './run-options.js';
import type { Run } from './run-parts.js';

/**
 * How a run trains its network.
 *
 * @param kept file for the run's state, and whether to take it up
 */
export async function prepareFit(
  run: Run,
  network: Network,
  { state, resume }: Pick<FitOptions, 'state' | 'resume'> = {},
): Promise<FitOptions> {
  const { adaptation, samples, settings, objective, base, storage, means } = run;
  const { dataset, source, clean, level, variants, training, inferSize } = samples;
  const { engine, ...others } = means;
  const opened = await loadSource(source);
  const { split, ids } = trainingSamples(opened, training, variants);
  const task = taskOf(run, network);
  const { stride, preprocessing } = network.input;
  const seen = state === undefined ? {} : await contentIdentity(samples, opened, preprocessing, means);
  const { fit, sides } = preprocessing;
  const { size, scale, flip, ...rest } = settings;
  const crop = (size ? undefined : sides) ?? (await sizeOf(settings, opened, split, { stride, variants, fit }));
  return {
    ...others,
    network,
    task,
    objective,
    adaptation,
    clean,
    makeTeacher: () => run.makeNetwork(),
    settings: {
      ...rest,
      source,
      split,
      samples: ids,
      ...(variants && { variants }),
      augment: {
        crop,
        scale,
        flip,
        ...(Array.isArray(crop)
          ? { resize: fit?.resize ?? sides?.shortest, ...(opened.resized && { border: 'mirror' as const }) }
          : { fill: meanOf(preprocessing) }),
      },
    },
    precision: engine.precision,
    state,
    resume,
    identity: {
      // A path would tell where the data lies on this machine, not what they are.
      data: dataset.root === null ? dataset.spec : dataset.name,
      level,
      base,
      ...(run.start && { start: run.start.hash }),
      ...seen,
      ...(inferSize === 'original' && { inferSize }),
      storage,
      engine: engine.name,
      threads: engine.threads,
    },
  };
}

/** The bytes nearest to what normalization takes to 0, of which the rest of a padded picture is. */
function meanOf({ mean }: Preprocessing): [number, number, number] {
  return mean.map((share) => Math.round(255 * share)) as [number, number, number];
}

/** @throws E_USAGE for a network that cannot do it, E_DATA_TASK where the objective needs labels and the data have none, or such for something else */
export function taskOf({ samples: { dataset }, objective }: Run, network: Network): Task {
  const { ignore } = dataset;
  if (objective.needsTarget) requireTask(dataset, network);
  const task = taskNamed(network.task, ignore, network.head);
  requireNetworkFor(task, network);
  // An image and the same with noise go through the network as one batch, of which samples would be of the first alone.
  if (objective.noise !== undefined) requireOutputsToLearnFrom(network);
  return task;
}
