import { fail } from '../common/errors.js';
import { among, type Experiment } from './experiment.js';
import type { ExperimentGraph } from './experiment-graph.js';
import { inOrder, type Step } from './graph.js';
import { addressOf } from './identity.js';
import type { StepRecord } from './record.js';
import type { Stamp } from './stamp.js';
import type { StepResults } from './step-results.js';

/** Steps to bring about, in groups: the original on clean images first, then level by level. */
export function goalsOf(
  graph: ExperimentGraph,
  { experiment, only }: { experiment: Experiment; only?: readonly string[] },
): Step[][] {
  const wanted = selectionOf(only, experiment);
  const isWanted = ({ method }: { method: string }): boolean => wanted.methods.includes(method);
  const groups = graph.levels
    .filter(({ level }) => wanted.levels.includes(level))
    .map(({ cells, repeats, unseen, frequency, frames }) => {
      const chosen = [...cells, ...repeats.flatMap((repeat) => repeat.cells)].filter(isWanted);
      return [
        ...chosen.flatMap(({ candidate }) => candidate.tuned ?? []),
        ...chosen.map(({ evaluation }) => evaluation),
        ...unseen.flatMap((part) => part.cells.filter(isWanted).map(({ evaluation }) => evaluation)),
        ...frequency.filter(isWanted).map(({ step }) => step),
        // Examples show every method.
        ...(frames && cells.every(isWanted) ? [frames] : []),
      ];
    });
  const isWhole = graph.levels.every(({ level }) => wanted.levels.includes(level));
  const alternations = isWhole ? graph.alternations.filter(isWanted).map(({ step }) => step) : [];
  const clean = [graph.clean, ...graph.unseenClean.map(({ evaluation }) => evaluation)];
  return [clean, ...groups, ...(alternations.length > 0 ? [alternations] : [])];
}

/** What `--only` picks: levels, which have a `=`, and methods; all of those that it does not name any of. An empty list picks no level. */
function selectionOf(
  only: readonly string[] | undefined,
  { levels, methods }: Experiment,
): { levels: string[]; methods: string[] } {
  const all = { levels: levels.map(({ text }) => text), methods: methods.map(({ name }) => name) };
  if (!only) return all;
  const texts = only.filter((text) => text.includes('='));
  const names = only.filter((text) => !texts.includes(text));
  const stranger = names.find((name) => !all.methods.includes(name));
  if (stranger !== undefined) {
    fail('E_PIPELINE_CONFIG', {
      where: '--only',
      expected: `levels, such as ${levels[0]!.text}, or methods of the experiment (${all.methods.join(', ')})`,
      got: `"${stranger}"`,
    });
  }
  return {
    levels: texts.length === 0 && names.length > 0 ? all.levels : among(texts, levels, '--only'),
    methods: names.length > 0 ? names : all.methods,
  };
}

/**
 * Of all work that is done, each once, though steps of two methods may share it; not of examples, which are nothing but files.
 *
 * @param before what stands for steps that have no result now: they failed, or ran under other settings, and going back finds them
 */
export function stampsOf(
  graph: ExperimentGraph,
  done: StepResults,
  experiment: Experiment,
  before?: StepRecord,
): Stamp[] {
  const goals = goalsOf(graph, { experiment }).flat();
  const steps = inOrder(goals).filter((step) => !graph.levels.some(({ frames }) => frames === step));
  const stamps = steps.flatMap((step) => done.stampOf(step) ?? before?.latest(step.id) ?? []);
  return [...new Map(stamps.map((stamp) => [addressOf(stamp.step), stamp])).values()];
}
