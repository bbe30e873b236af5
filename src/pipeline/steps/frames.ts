import { join } from 'node:path';
import { writeJsonAtomic } from '../../common/files.js';
import type { ClassInfo } from '../../data/dataset.js';
import { loadSource } from '../../data/source.js';
import { encodeJpeg, encodePng } from '../../image/encode.js';
import type { LabelMap, Pixels } from '../../image/pixels.js';
import type { FrameExample } from '../../report/frames.js';
import { engineSettings } from '../engine-settings.js';
import type { Step } from '../graph.js';
import { imagesIdentity, placeOf, type LevelImages } from '../images.js';
import type { StepKind } from '../step-kinds.js';
import { evaluationWorkload } from '../work/evaluation.js';
import { loadCandidate, type Candidate } from './evaluate.js';
import { withPredictor, type Evaluator } from './score.js';

/** The examples within the step's folder: a list of `FrameExample`. */
export const FRAMES_FILE = 'frames.json';

/** The quality that examples are shown in: what their level did to them stays to be seen. */
const SHOWN_QUALITY = 92;

/** Pictures of a few samples at a level, and of what every candidate makes of them. */
export function framesStep(
  candidates: readonly Candidate[],
  images: LevelImages,
  count: number,
  evaluator: Evaluator,
): Step<{ shown: number }> {
  const identity = imagesIdentity(images);
  const tuned = candidates.flatMap(({ name, tuned: step }) => (step ? [[name, step] as const] : []));
  return {
    id: `frames ${images.level.text}`,
    kind: 'frames' satisfies StepKind,
    version: 1,
    settings: {
      level: images.level.text,
      count,
      engine: engineSettings(evaluator.engine),
      methods: Object.fromEntries(candidates.map(({ name, form }) => [name, form])),
      ...identity.settings,
    },
    inputs: { base: candidates[0]!.base.step, ...Object.fromEntries(tuned), ...identity.inputs },
    workloads: [
      evaluationWorkload(candidates[0]!.base, images, evaluator, Math.min(count, images.count) * candidates.length),
    ],
    async run(context) {
      const { source, slice } = placeOf(images, context);
      const dataset = await loadSource(source);
      const all = dataset.samples(slice.split).slice(slice.start, slice.end);
      const samples = spread(all, count);
      const frames = await Promise.all(
        samples.map(async (sample) => ({
          sample,
          image: await dataset.readImage(sample),
          truth: await dataset.readLabel(sample),
          masks: new Map<string, string>(),
        })),
      );
      for (const candidate of candidates) {
        await withPredictor(await loadCandidate(candidate, context), evaluator, async (_, predictor) => {
          for (const { image, truth, masks } of frames) {
            context.signal.throwIfAborted();
            const { width, height } = truth;
            const frame = { images: image.data, batch: 1, width: image.width, height: image.height };
            const [answer] = predictor.predict(frame, { width, height }) as LabelMap[];
            masks.set(candidate.name, await maskUri(answer!, dataset.classes));
          }
        });
      }
      const examples = frames.map(async ({ sample, image, truth, masks }): Promise<FrameExample> => ({
        id: sample.id,
        level: images.level.text,
        // A smaller picture is shown as large as its labels.
        width: truth.width,
        height: truth.height,
        image: await imageUri(image),
        truth: await maskUri(truth, dataset.classes),
        masks: Object.fromEntries(masks),
      }));
      await writeJsonAtomic(join(context.folder, FRAMES_FILE), await Promise.all(examples));
      return { output: { shown: samples.length } };
    },
  };
}

/** `count` of a list, evenly spread over it. */
export function spread<T>(list: readonly T[], count: number): T[] {
  const step = list.length / Math.min(count, list.length);
  return Array.from({ length: Math.min(count, list.length) }, (_, i) => list[Math.floor((i + 0.5) * step)]!);
}

async function imageUri(image: Pixels): Promise<string> {
  return `data:image/jpeg;base64,${Buffer.from(await encodeJpeg(image, SHOWN_QUALITY)).toString('base64')}`;
}

/** A label map in its classes' colours; what has none is black. */
async function maskUri({ data, width, height }: LabelMap, classes: readonly ClassInfo[]): Promise<string> {
  const colored = new Uint8Array(3 * data.length);
  for (const [i, id] of data.entries()) colored.set(classes[id]?.color ?? [0, 0, 0], 3 * i);
  const png = await encodePng({ data: colored, width, height, channels: 3 });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
