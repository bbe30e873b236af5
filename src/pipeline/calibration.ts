import { rowByCounts } from '../adapt/measured-row.js';
import { nameOf as nameOfData } from '../adapt/trained-on.js';
import { adaptorHash, type CalibrationRow, writeCalibration } from '../adaptor/calibration.js';
import { adaptorFiles } from '../adaptor/file.js';
import { formatSlice } from '../data/slice.js';
import { isEnough } from '../eval/bootstrap.js';
import type { Metric } from '../tasks/task.js';
import type { Experiment } from './experiment.js';
import type { Cell, ExperimentGraph } from './experiment-graph.js';
import type { Step } from './graph.js';
import { metricOf } from './metric.js';
import type { StoredCounts } from './steps/evaluate.js';

export interface CalibrationOptions {
  graph: ExperimentGraph;
  experiment: Experiment;
  /** Of evaluations that have them. */
  counts: ReadonlyMap<Step, StoredCounts>;
  /** Content hash of the base. */
  base: string;
  /** Folder of a method's adaptors, by level, where they have been copied to. */
  rootOf(method: string): string;
  folderOf(method: string, level: string): string;
}

/**
 * Writes beside the adaptors of an experiment what serves which level, by the evaluations on the validation samples: an adaptor serves where it is surely
 * better than the base. Nothing is said of adaptors whose evaluations kept no counts, of too few samples, nor where a method has decided that itself.
 */
export async function calibrateByCounts(options: CalibrationOptions): Promise<void> {
  const { graph, base, rootOf } = options;
  const metric = metricOf(graph.dataset);
  const original = graph.methods.find(({ kind }) => kind === 'original')?.name;
  if (!metric || original === undefined) return;
  for (const { name } of graph.methods) {
    const rows: CalibrationRow[] = [];
    for (const { level, cells } of graph.levels) {
      const cell = cells.find(({ method }) => method === name)!;
      const other = cells.find(({ method }) => method === original)!;
      rows.push(...(await rowsOf(level, cell, other, metric, options)));
    }
    if (rows.length > 0) await writeCalibration(rootOf(name), base, rows);
  }
}

async function rowsOf(
  level: string,
  { method, adaptor, kept, candidate, evaluation }: Cell,
  original: Cell,
  metric: Metric,
  { graph, experiment, counts, folderOf }: CalibrationOptions,
): Promise<CalibrationRow[]> {
  const folder = folderOf(method, level);
  const [own, others] = [counts.get(evaluation), counts.get(original.evaluation)];
  const isOwn = adaptor && !kept && candidate.base === graph.base && adaptorFiles(folder) !== undefined;
  const { block, resamples } = experiment.intervals;
  if (!isOwn || !own || !others || !isEnough(own.images, block)) return [];
  const [base, adapted] = [others, own].map((stored) => metric.unpack(stored, stored.images));
  const fields = {
    ...{ level, data: nameOfData(graph.dataset), samples: formatSlice(experiment.validate) },
    hashes: { [level]: await adaptorHash(folder) },
  };
  const row = rowByCounts(metric, { base: base!, own: adapted! }, fields, { block, resamples });
  return row ? [row] : [];
}
