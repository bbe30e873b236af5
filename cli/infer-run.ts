import type { TileChoice } from '../src/eval/tile-memory.js';
import type { FileAnswer } from '../src/serve/files.js';
import type { Inference } from '../src/serve/inference.js';
import type { AdaptiveRunner } from '../src/serve/runner.js';
import type { ImageFile, VideoSource } from '../src/serve/source.js';
import type { FrameAnswer, VideoOutcome } from '../src/serve/video.js';
import type { Context } from './context.js';
import type { LineLog } from './line-log.js';
import type { CalibrationFlags, AutoEngineFlags, LevelFlags } from './options.js';
import { stdout } from './output.js';
import { sayOfVideo, type VideoFlags, videoOptions } from './video-options.js';

/** Options of `gearnn infer`. */
export interface InferFlags extends AutoEngineFlags, LevelFlags, CalibrationFlags, VideoFlags {
  checkpoint: string;
  adaptors?: string;
  out?: string;
  overlay?: string;
  jsonl?: string;
  level?: string;
  raw?: boolean;
  stream?: boolean;
  live?: boolean;
  every?: number;
  maxFrames?: number;
  tile?: TileChoice;
  maxPixels: number;
  force?: boolean;
}

/** What answering needs. */
export interface Work {
  context: Context;
  runner: AdaptiveRunner;
  log: LineLog | undefined;
  signal: AbortSignal;
  options: InferFlags;
}

/** What became of images. */
export interface ImageCounts {
  answered: number;
  failed: number;
  levels: Record<string, number>;
  /** Of networks that classify, one per picture. */
  answers?: object[];
}

/** Answers images; each is in the log, and a class on stdout. */
export async function inferImages(
  { context, runner, log, signal, options }: Work,
  files: ImageFile[],
): Promise<ImageCounts> {
  const { inferFiles } = await import('../src/serve/files.js');
  const { out, level, stream } = options;
  const levels: Record<string, number> = {};
  const answers: object[] = [];
  const onAnswer = async (answer: FileAnswer): Promise<void> => {
    if ('error' in answer) {
      const { code, message } = answer.error;
      context.note(message);
      return writeLine(log, { source: answer.path, error: message, code });
    }
    const { path: source, mask, overlay, orientation, inference } = answer;
    levels[inference.level] = (levels[inference.level] ?? 0) + 1;
    if (inference.top) answers.push({ source, ...shown(inference) });
    if (inference.top && !context.json) stdout(classLine(source, inference));
    await writeLine(log, { source, mask, overlay, orientation, ...shown(inference) });
  };
  const { progress } = context;
  return {
    ...(await inferFiles({ runner, files, out, level, stream, progress, signal, onAnswer })),
    levels,
    ...(answers.length > 0 && { answers }),
  };
}

/** Answers a video or stream. */
export async function inferOne(
  { context, runner, log, signal, options }: Work,
  video: VideoSource,
): Promise<VideoOutcome> {
  const { inferVideo } = await import('../src/serve/video.js');
  const { out, overlay, level, live, every, maxFrames } = options;
  const onAnswer = ({ inference, ...frame }: FrameAnswer): Promise<void> =>
    writeLine(log, { ...frame, ...shown(inference) });
  const how = videoOptions(options, context);
  const what = { runner, video, out, overlay, level, live, every, maxFrames, ...how };
  const outcome = await inferVideo({ ...what, progress: context.progress, signal, onAnswer });
  sayOfVideo(outcome, context);
  return outcome;
}

/** `3 at clean, 1 at jpeg=5` */
export function byLevel(levels: Record<string, number>): string {
  return (
    Object.entries(levels)
      .map(([level, count]) => `${count} at ${level}`)
      .join(', ') || 'nothing'
  );
}

/** `cat.jpg: cat 0.93, lynx 0.05 (jpeg=10)` */
function classLine(source: string, { top, level }: Inference): string {
  const likely = top!.map(({ class: name, probability }) => `${name} ${probability.toFixed(2)}`);
  return `${source}: ${likely.join(', ')} (${level})`;
}

/** What a line of the log says of an answer. */
function shown({ width, height, top, boxes, level, reason, confidence, source: how, seen, timings }: Inference) {
  const best = top?.[0];
  const answer = best && { class: best.class, probability: best.probability, top };
  return { width, height, ...answer, boxes, level, reason, confidence, how, seen, timings };
}

async function writeLine(log: LineLog | undefined, line: object): Promise<void> {
  await log?.write(`${JSON.stringify(line)}\n`);
}
