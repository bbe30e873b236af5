import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GearnnError } from '../common/errors.js';
import type { Progress } from '../common/progress.js';
import type { VideoInfo } from '../video/picture.js';
import type { Damage } from '../video/messages.js';
import { openVideo, type ReadVideoOptions, type VideoReader } from '../video/reader.js';
import { shownSource } from '../video/source.js';
import type { Inference } from './inference.js';
import { OverlayVideo } from './overlay.js';
import type { AdaptiveRunner } from './runner.js';
import type { VideoSource } from './source.js';
import { tileProgress } from './tile-progress.js';
import { writeAnswer, type WrittenAnswer } from './write-answer.js';

/** What became of one frame. */
export interface FrameAnswer extends WrittenAnswer {
  /** Without the name and password of an address. */
  source: string;
  /** Counted from 1 in the source. */
  frame: number;
  /** Seconds since the first frame. */
  time: number;
  /** EXIF's number of the orientation in which the frame is stored, where that is not upright. */
  orientation?: number;
  /** Of such a frame, whether it was turned, and its mask is upright. */
  upright?: boolean;
  inference: Inference;
}

export interface InferVideoOptions extends Omit<ReadVideoOptions, 'signal'> {
  runner: AdaptiveRunner;
  video: VideoSource;
  /** Folder for the masks, `OUT/NAME/000001.png`; masks of a run before are removed. None are written without. */
  out?: string;
  /** File for the frames with their classes over them. */
  overlay?: string;
  /** Level of every frame. Default: read from each. */
  level?: string;
  /** Answers one frame of so many. Default: 1. */
  every?: number;
  /** Stops after so many answers. */
  maxFrames?: number;
  progress?: Progress;
  /** Ends the video after the frame in hand, as its own end would. */
  signal?: AbortSignal;
  onAnswer?: (answer: FrameAnswer) => Promise<void> | void;
}

export interface VideoOutcome {
  source: string;
  /** Frames answered. */
  frames: number;
  /** Frames of a live source that came while others were answered, and were left out. */
  dropped: number;
  /** Seconds of the last frame. */
  time: number;
  /** Answers by level. */
  levels: Record<string, number>;
  /** EXIF's number of the orientation in which frames are stored, where that is not upright. */
  orientation?: number;
  /** Of such a video, whether frames were turned, and masks are upright. */
  upright?: boolean;
  /** Numbers of the frames, first and last of each run, that cannot be decoded, and of those with parts that are damaged. */
  damage?: Damage;
  /** Why the video ended before its end, or what in it is damaged. */
  error?: GearnnError;
  /** The signal ended it. */
  stopped: boolean;
}

/**
 * Answers the frames of a video as one stream: the level is tracked from frame to frame. What was written is finished and stays also where
 * the source breaks or the signal ends it; any other failure removes an unfinished overlay.
 *
 * @throws E_VIDEO_OPEN, E_VIDEO_PACKAGE, E_VIDEO_WRITE, E_ADAPTOR_LEVEL, E_DISTORT_LEVEL; the system's error where a mask cannot be written
 */
export async function inferVideo(options: InferVideoOptions): Promise<VideoOutcome> {
  const { runner, video, signal, live, deinterlace, autorotate = true, silence, reconnect, onBreak } = options;
  const how = { live, deinterlace, autorotate, silence, reconnect, onBreak };
  const reader = await openVideo(video.source, { ...how, signal });
  const colors = runner.describe().classes.map(({ color }) => color);
  const overlay =
    options.overlay === undefined ? undefined : new OverlayVideo(options.overlay, colors, reader.info.frameRate);
  const outcome: VideoOutcome = {
    source: shownSource(video.source),
    frames: 0,
    dropped: 0,
    time: 0,
    levels: {},
    stopped: false,
  };
  const { orientation } = reader.info;
  if (orientation !== undefined) Object.assign(outcome, { orientation, upright: autorotate });
  try {
    if (options.out !== undefined) await removeMasks(join(options.out, video.name));
    await answerAll(reader, overlay, outcome, options);
    await overlay?.close();
  } catch (error) {
    const isBroken = error instanceof GearnnError && error.code === 'E_VIDEO_BROKEN';
    const isStopped = signal?.aborted && error === signal.reason;
    if (!isBroken && !isStopped) throw error;
    await overlay?.close();
    Object.assign(outcome, isBroken ? { error } : { stopped: true });
  } finally {
    await overlay?.discard();
    await reader.close();
    runner.forget(video.source);
  }
  const { dropped, damage } = reader;
  const isDamaged = damage.lost.length + damage.damaged.length > 0;
  return { ...outcome, dropped, ...(isDamaged && { damage }) };
}

async function answerAll(
  reader: VideoReader,
  overlay: OverlayVideo | undefined,
  outcome: VideoOutcome,
  {
    runner,
    video,
    out,
    level,
    every = 1,
    maxFrames = Infinity,
    progress,
    signal,
    autorotate = true,
    onAnswer,
  }: InferVideoOptions,
): Promise<void> {
  const total = totalOf(reader.info, every, maxFrames);
  const start = performance.now();
  const colors = () => runner.describe().classes.map(({ color }) => color);
  for await (const frame of reader) {
    const { picture, number, time, duration = 0, orientation, jpeg } = frame;
    // What a frame that is left out shows, the one before it stands for.
    overlay?.lasts(time + duration);
    if ((number - 1) % every !== 0) continue;
    const input = jpeg ? { ...picture, bytes: jpeg } : picture;
    const place = { name: `${video.name} ${number}`, done: outcome.frames, total: Infinity };
    const onRun = tileProgress(
      progress && ((event) => progress({ ...event, task: video.name, unit: 'frames' })),
      place,
    );
    const inference = await runner.infer(input, { level, stream: video.source }, { onRun, signal });
    const path = out === undefined ? undefined : join(out, video.name, `${String(number).padStart(6, '0')}.png`);
    const written = path === undefined ? {} : await writeAnswer(path, inference, { picture: () => picture, colors });
    await overlay?.add(picture, inference, time);
    const turned = orientation !== undefined && { orientation, upright: autorotate };
    Object.assign(outcome, turned);
    await onAnswer?.({
      ...{ source: outcome.source, frame: number, time, ...written, ...turned },
      inference,
    });
    outcome.frames++;
    outcome.time = time;
    outcome.levels[inference.level] = (outcome.levels[inference.level] ?? 0) + 1;
    const rate = (outcome.frames / ((performance.now() - start) / 1000)).toFixed(1);
    const values = { 'frames/s': rate, level: inference.level, ...(reader.dropped > 0 && { dropped: reader.dropped }) };
    const done = outcome.frames;
    // Headers may be wrong: only the end is the end.
    progress?.({ task: video.name, done, total: Math.max(total, done + 1), unit: 'frames', values });
    if (done >= maxFrames) break;
  }
  if (reader.length !== undefined && outcome.frames < maxFrames) overlay?.lasts(reader.length);
  progress?.({ task: video.name, done: outcome.frames, total: outcome.frames, unit: 'frames' });
}

/** Those of a longer video would be taken for this one's. */
async function removeMasks(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.filter((name) => /^\d{6,}\.(png|json)$/.test(name)).map((name) => rm(join(folder, name))));
}

/** Frames to answer, as far as the headers tell; Infinity where they do not. */
function totalOf({ duration, frameRate, live }: VideoInfo, every: number, most: number): number {
  if (live || duration === undefined || frameRate === undefined) return most;
  return Math.min(Math.max(1, Math.round((duration * frameRate) / every)), most);
}
