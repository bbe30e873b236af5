import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Online } from '../../adapt/online/online.js';
import { loadTuned } from '../../adaptor/merge.js';
import { writeJsonAtomic } from '../../common/files.js';
import type { Engine } from '../../engine/start.js';
import { taskOf } from '../../tasks/registry.js';
import type { Scores } from '../../tasks/segmentation/iou.js';
import type { PackedCounts } from '../../tasks/task.js';
import { loadCheckpoint, type Checkpoint } from '../../models/checkpoint.js';
import { engineSettings } from '../engine-settings.js';
import type { Step, StepContext } from '../graph.js';
import { cleanPlaceOf, imagesIdentity, placeOf, type LevelImages } from '../images.js';
import type { StepKind } from '../step-kinds.js';
import { evaluationWorkload } from '../work/evaluation.js';
import { ADAPTOR, CHECKPOINT } from './outputs.js';
import { score, type Evaluator } from './score.js';
import type { Base } from './target.js';

/** Counts per image within the step's folder, for intervals; evaluations of before these were written have none. */
export const COUNTS_FILE = 'counts.json';

/** What {@link COUNTS_FILE} holds: counts of images, as the task's metric packs them. */
export interface StoredCounts extends PackedCounts {
  images: number;
  classes: number;
}

/** How a network comes about: the base alone, a network in its place, or the base with an adaptor, perhaps only where it was kept, or the base as it adapts while answering, as addresses name its kind. */
export type Form = 'original' | 'switching' | 'adaptor' | 'lora' | 'kept' | 'online';

/** What answers. */
export interface Candidate {
  /** The method's in the table. */
  name: string;
  form: Form;
  base: Base;
  /** The step that made the network or the adaptor; none for the base. */
  tuned?: Step;
  /** How the base adapts to the frames that it answers, one after the other. */
  online?: Online;
}

type Nullable = number | null;

/** Of label maps by these names, as outputs always had them; of any other task under `scores`. */
export type EvaluateOutput = ({ miou: Nullable; iou: Nullable[]; pixelAccuracy: Nullable } | OtherScores) & {
  /** Parameters of the network's whole state. */
  total: number;
};

type OtherScores = {
  scores: Record<string, Nullable>;
  primary: string;
};

/** The scores of an output, whatever the task. */
export function scoresIn(output: EvaluateOutput): OtherScores & { iou?: Nullable[] } {
  if ('scores' in output) return { scores: output.scores, primary: output.primary };
  const { miou, pixelAccuracy, iou } = output;
  return { scores: { miou, pixelAccuracy }, primary: 'miou', iou };
}

/** How an evaluation differs from that on the experiment's validation samples. */
export interface EvaluationChanges {
  /** Of the samples, for the id. */
  on?: string;
  /** Answers are compared with the base's own on the clean images, although there are labels. */
  agreement?: boolean;
}

/** Scores a candidate at a level. */
export function evaluateStep(
  candidate: Candidate,
  images: LevelImages,
  evaluator: Evaluator,
  { on, agreement: asked = false }: EvaluationChanges = {},
): Step<EvaluateOutput> {
  const agreement = asked ? true : images.dataset.unlabelled;
  const words = [candidate.name, images.level.text, ...(on ? [`on ${on}`] : []), ...(asked ? ['by agreement'] : [])];
  return {
    id: `evaluate ${words.join(' ')}`,
    kind: 'evaluate' satisfies StepKind,
    version: 1,
    ...evaluationIdentity(candidate, images, evaluator.engine, agreement),
    workloads: [evaluationWorkload(candidate.base, images, evaluator)],
    async run(context) {
      const { source, slice } = placeOf(images, context);
      const checkpoint = await loadCandidate(candidate, context);
      const counts: unknown[] = [];
      const onImage = (own: unknown): number => counts.push(own);
      const base = candidate.base.folderIn(context);
      const compared = agreement ? { base: await loadCheckpoint(base), ...cleanPlaceOf(images) } : undefined;
      const result = await score(checkpoint, {
        source,
        slice,
        evaluator,
        context,
        onImage,
        compared,
        online: candidate.online,
      });
      const { scores, primary, total, seconds } = result;
      const { classes } = checkpoint.config.network;
      const packed = taskOf(checkpoint.config).metric(classes).pack(counts);
      const stored: StoredCounts = { images: counts.length, classes, ...packed };
      await writeJsonAtomic(join(context.folder, COUNTS_FILE), stored);
      if (checkpoint.config.task !== undefined) {
        const values = Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, orNull(value)]));
        return { output: { scores: values, primary, total }, notes: { seconds } };
      }
      const { miou, iou, pixelAccuracy } = result as unknown as Scores;
      const values = { miou: orNull(miou), iou: [...iou].map(orNull), pixelAccuracy: orNull(pixelAccuracy) };
      return { output: { ...values, total }, notes: { seconds } };
    },
  };
}

/** Without labels, answers are compared with the base's own. */
function evaluationIdentity(candidate: Candidate, images: LevelImages, engine: Engine, agreement?: boolean) {
  const { settings, inputs } = candidateIdentity(candidate, images, engine);
  return { settings: { ...settings, agreement }, inputs };
}

/** What a step that runs a candidate on images takes among its settings and inputs: the same network under another name is the same work. */
export function candidateIdentity({ form, base, tuned, online }: Candidate, images: LevelImages, engine: Engine) {
  const { settings, inputs } = imagesIdentity(images);
  return {
    settings: {
      ...{ method: form, level: images.level.text, engine: engineSettings(engine), ...settings },
      online: online && { ...online },
    },
    inputs: { base: base.step, ...(tuned && { tuned }), ...inputs },
  };
}

/** The network of a candidate, for a step that has its steps among the inputs. */
export async function loadCandidate({ form, base, tuned }: Candidate, context: StepContext): Promise<Checkpoint> {
  const original = await loadCheckpoint(base.folderIn(context));
  if (!tuned) return original;
  const folder = join(context.folderOf(tuned), form === 'switching' ? CHECKPOINT : ADAPTOR);
  return form === 'kept' && !existsSync(folder) ? original : loadTuned(original, folder);
}

/** Scores over nothing are NaN, which JSON has no word for. */
function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
