import { scoresIn } from './steps/evaluate.js';
import { rowOf } from '../report/rows.js';
import type { Results } from '../report/schema.js';
import { otherSeeds, type ExperimentGraph } from './experiment-graph.js';
import type { Experiment } from './experiment.js';
import type { StepResults } from './step-results.js';

export interface SeedScoreOptions {
  experiment: Pick<Experiment, 'seed' | 'seeds'>;
  averages: Results['averages'];
  /** Scores that are compared. Default: the primary one. */
  compared?: readonly string[];
  /** Of the first seed. */
  rows: Results['rows'];
}

type Score = NonNullable<Results['seeds']>['scores'][number];

/**
 * Scores by seed of every method that depends on it, at the levels that are done with all seeds, and of its mean over the levels of the
 * averages where it has all of these.
 *
 * @returns nothing where the experiment has one seed
 */
export function seedScores(
  { levels, methods }: Pick<ExperimentGraph, 'levels' | 'methods'>,
  done: Pick<StepResults, 'stampOf' | 'outputOf'>,
  { experiment, averages, rows, compared }: SeedScoreOptions,
): Pick<Results, 'seeds'> {
  const others = otherSeeds(experiment);
  if (others.length === 0) return {};
  const primary = rows[0]?.primary ?? '';
  const valuesAt = (method: string, level: string, score: string): number[] | undefined => {
    const { repeats } = levels.find((steps) => steps.level === level)!;
    const repeated = repeats.map(({ cells }) => {
      const cell = cells.find((other) => other.method === method);
      return cell && done.stampOf(cell.evaluation) ? scoresIn(done.outputOf(cell.evaluation)).scores[score] : undefined;
    });
    const all = [rowOf({ rows }, method, level)?.scores[score], ...repeated];
    return all.every((value) => typeof value === 'number') ? all : undefined;
  };
  const scoresOf = (name: string, score: string): Score[] => {
    const which = score === primary ? {} : { score };
    const own = levels.flatMap(({ level }): Score[] => {
      const values = valuesAt(name, level, score);
      return values ? [{ method: name, level, ...which, values, ...spread(values) }] : [];
    });
    const averaged = own.filter(({ level }) => level !== null && averages?.levels.includes(level));
    if (!averages || averaged.length < averages.levels.length) return own;
    const means = own[0]!.values.map((_, i) => mean(averaged.map(({ values }) => values[i]!)));
    return [...own, { method: name, level: null, ...which, values: means, ...spread(means) }];
  };
  const all = (compared ?? [primary]).flatMap((score) => methods.flatMap(({ name }) => scoresOf(name, score)));
  return { seeds: { list: [experiment.seed, ...others], scores: all } };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean, and the standard deviation with one degree of freedom less than there are values. */
function spread(values: readonly number[]): { mean: number; deviation: number } {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return { mean: center, deviation: Math.sqrt(squares / (values.length - 1)) };
}
