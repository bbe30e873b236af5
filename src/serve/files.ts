import { basename, join } from 'node:path';
import { GearnnError } from '../common/errors.js';
import { forEachParallel } from '../common/parallel.js';
import type { Progress } from '../common/progress.js';
import { decodeImage } from '../image/decode.js';
import { type Orientation, orientationOf } from '../image/orientation.js';
import type { Inference } from './inference.js';
import { tileProgress } from './tile-progress.js';
import type { AdaptiveRunner } from './runner.js';
import type { ImageFile } from './source.js';
import { readFile } from '../common/read-file.js';
import { explainSystemError, isOfProcess } from '../common/system-error.js';
import { writeAnswer, type WrittenAnswer } from './write-answer.js';

/** One is decoded while another is in the network. */
const AT_ONCE = 2;

/** What became of one image. */
export type FileAnswer = { path: string } & (
  | (WrittenAnswer & {
      inference: Inference;
      /** The EXIF orientation that the image was turned by, and its mask is drawn in; left out where there is none. */
      orientation?: Orientation;
    })
  | { error: GearnnError }
);

export interface InferFilesOptions {
  runner: AdaptiveRunner;
  files: readonly ImageFile[];
  /** Folder for the answers; none are written without. */
  out?: string;
  /** Level of every image. Default: each one's own. */
  level?: string;
  /** The images are frames of one camera in this order: its level is tracked. */
  stream?: boolean;
  progress?: Progress;
  signal?: AbortSignal;
  /** Called with each answer, in the order in which they are ready. */
  onAnswer?: (answer: FileAnswer) => Promise<void> | void;
}

/**
 * Answers every image, and writes its mask or boxes. One that cannot be answered is reported and left out.
 *
 * @returns how many were answered, and how many failed
 * @throws the system's error where a mask cannot be written; the signal's reason
 */
export async function inferFiles(options: InferFilesOptions): Promise<{ answered: number; failed: number }> {
  const { runner, files, out, level, stream = false, progress, signal, onAnswer } = options;
  const start = performance.now();
  const colors = () => runner.describe().classes.map(({ color }) => color);
  let [answered, failed] = [0, 0];
  const one = async ({ path, mask }: ImageFile): Promise<void> => {
    const target = out === undefined ? undefined : join(out, mask);
    const read = { orientation: 1 as Orientation };
    const inference = await answer(path, read);
    if (inference instanceof GearnnError) {
      failed++;
      await onAnswer?.({ path, error: inference });
    } else {
      const picture = async () => decodeImage(await readFile(path), path);
      const written = target === undefined ? {} : await writeAnswer(target, inference, { picture, colors });
      answered++;
      await onAnswer?.({
        path,
        ...written,
        ...(read.orientation > 1 && read),
        inference,
      });
    }
    const rate = (answered / ((performance.now() - start) / 1000)).toFixed(1);
    const values = { 'frames/s': rate, level: inference instanceof GearnnError ? '-' : inference.level };
    progress?.({ task: 'infer', done: answered + failed, total: files.length, unit: 'images', values });
  };
  const answer = async (path: string, read: { orientation: Orientation }): Promise<Inference | GearnnError> => {
    try {
      const bytes = await readFile(path);
      read.orientation = orientationOf(bytes);
      const onRun = tileProgress(progress, { name: basename(path), done: answered + failed, total: files.length });
      return await runner.infer(bytes, { level, ...(stream && { stream: 'files' }) }, { onRun, signal });
    } catch (error) {
      if (error instanceof GearnnError) return inFile(error, path);
      const known = explainSystemError(error, { where: path });
      // What the system says of one file says nothing of the others.
      if (known === undefined || isOfProcess(known)) throw error;
      return known;
    }
  };
  progress?.({ task: 'infer', done: 0, total: files.length, unit: 'images' });
  // Frames of one stream have to come in their order.
  await forEachParallel(files, stream ? 1 : AT_ONCE, one, signal);
  return { answered, failed };
}

/** The runner does not know the names of its frames. */
function inFile(error: GearnnError, path: string): GearnnError {
  return new GearnnError(error.code, { ...error.parts, where: path, cause: error });
}
