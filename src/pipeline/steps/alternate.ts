import { mixedSource } from '../../data/mixed-source.js';
import { sliceIds } from '../../data/slice.js';
import { loadSource } from '../../data/source.js';
import { loadCheckpoint } from '../../models/checkpoint.js';
import { taskOf } from '../../tasks/registry.js';
import { engineSettings } from '../engine-settings.js';
import type { Step } from '../graph.js';
import { cleanPlaceOf, effectiveSize, placeOf, type LevelImages } from '../images.js';
import type { StepKind } from '../step-kinds.js';
import { evaluationWorkload } from '../work/evaluation.js';
import { loadCandidate, type Candidate } from './evaluate.js';
import { score, type Evaluator } from './score.js';

/** The primary score at each level, and its name; null over nothing. */
export type AlternateOutput = { primary: string; scores: Record<string, number | null> };

/**
 * Scores a candidate that adapts while answering on a sequence whose level changes after every `burst` frames. The sequence is shown once per
 * level, beginning with another one each time and with the base anew, so that every frame is answered at every level.
 *
 * @param images the same samples at every level, in the order that levels follow each other
 */
export function alternateStep(
  candidate: Candidate,
  images: readonly LevelImages[],
  burst: number,
  evaluator: Evaluator,
): Step<AlternateOutput> {
  const { base, online, name } = candidate;
  const [first] = images as [LevelImages];
  const { unlabelled } = first.dataset;
  return {
    id: `alternate ${name} burst=${burst}`,
    kind: 'alternate' satisfies StepKind,
    version: 1,
    settings: {
      ...{ burst, online: { ...online! }, levels: images.map(({ level }) => level.text) },
      sizes: images.map(effectiveSize),
      ...{ engine: engineSettings(evaluator.engine), agreement: unlabelled },
    },
    inputs: {
      base: base.step,
      ...Object.fromEntries(images.map(({ level, copy }) => [`images ${level.text}`, copy!])),
    },
    workloads: [evaluationWorkload(base, first, evaluator, first.count * images.length)],
    async run(context) {
      const checkpoint = await loadCandidate(candidate, context);
      const places = images.map((own) => placeOf(own, context));
      const source = mixedSource(places.map((place) => place.source));
      const { split, start } = places[0]!.slice;
      const of = images.length;
      const ids = sliceIds(
        await loadSource(source),
        { split, start: start * of, end: (start + first.count) * of },
        'samples',
      );
      const compared = unlabelled
        ? { base: await loadCheckpoint(base.folderIn(context)), ...cleanPlaceOf(first) }
        : undefined;
      const metric = taskOf(checkpoint.config).metric(checkpoint.config.network.classes);
      const sums = images.map(() => metric.none());
      for (let shift = 0; shift < of; shift++) {
        const levels = levelsInTurn(first.count, { burst, of, shift });
        const samples = levels.map((level, i) => ids[i * of + level]!);
        let frame = 0;
        const onImage = (counts: unknown): void => metric.merge(sums[levels[frame++]!]!, counts);
        const slice = places[0]!.slice;
        await score(checkpoint, { source, slice, samples, evaluator, context, onImage, compared, online });
      }
      const values = sums.map((sum) => metric.scores(sum)[metric.primary]!);
      const scores = images.map(({ level }, i) => [level.text, Number.isNaN(values[i]) ? null : values[i]!] as const);
      return { output: { primary: metric.primary, scores: Object.fromEntries(scores) } };
    },
  };
}

/** Which of `of` levels each frame has, where they follow each other in bursts: `shift` says which is first. */
export function levelsInTurn(frames: number, { burst, of, shift }: Record<'burst' | 'of' | 'shift', number>): number[] {
  return Array.from({ length: frames }, (_, i) => (Math.floor(i / burst) + shift) % of);
}
