import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, GearnnError } from '../../common/errors.js';
import { writeFileAtomic, writeJsonAtomic } from '../../common/files.js';
import { makeFolder } from '../../common/folders.js';
import type { Progress } from '../../common/progress.js';
import { encodePng } from '../../image/encode.js';
import { openVideo, type ReadVideoOptions, type VideoReader } from '../../video/reader.js';
import { shownSource } from '../../video/source.js';
import { DistinctFrames } from './distinct-frames.js';

/** Frames that are kept unless told otherwise. */
export const FRAMES = 120;
/** Seconds for which a source without an end is watched unless told otherwise. */
export const WATCH = 300;
/** Seconds from one frame that is looked at to the next. */
const EVERY = 0.5;
/** Of the kept frames, in the order of time, the last so much measures what adapting came to. */
const MEASURED = 0.2;
/** Fewest frames that can be told apart into what to train on, to choose by and to measure on. */
const FEWEST = 10;
/** A folder that lies in memory on Linux. */
const MEMORY = '/dev/shm';

export interface CollectOptions extends Pick<
  ReadVideoOptions,
  'silence' | 'reconnect' | 'deinterlace' | 'autorotate' | 'onBreak'
> {
  /** What `openVideo` takes: a file, an address such as `rtsp://camera/live`, `/dev/video0`. */
  source: string;
  /** Frames that are kept at most. Default: {@link FRAMES}. */
  frames?: number;
  /** Seconds of the source's own clock that are watched. Default: to its end, {@link WATCH} where it has none. */
  seconds?: number;
  /** Folder to keep the frames in, which must not be there or be empty. Default: none, they go with {@link Collected.dispose}. */
  keep?: string;
  progress?: Progress;
  signal?: AbortSignal;
  warn?: (message: string) => void;
}

/** Frames of a camera as a dataset. */
export interface Collected {
  /** `list:DIR` */
  data: string;
  /** Frames in it. */
  frames: number;
  /** Frames of the source that were looked at. */
  seen: number;
  /** Seconds of the source that were watched. */
  seconds: number;
  /** Deletes the frames, unless they are to be kept. */
  dispose(): Promise<void>;
}

/**
 * Watches a camera or video and makes a dataset without labels of the frames that differ most: no two that show the same, and no more than asked for. The
 * last fifth of the time is `val`, so that what is measured is not what was trained on a moment before. Frames lie in memory where the system has a
 * folder for that, and are gone afterwards unless they are to be kept.
 *
 * @throws E_OUT_EXISTS where there is something in the folder to keep them in; E_TRAIN_DATA where too few frames differ; what `openVideo` throws, but a
 *   source that breaks after enough frames is warned of; the signal's reason
 */
export async function collectFrames(options: CollectOptions): Promise<Collected> {
  const { keep, frames = FRAMES, signal } = options;
  const root =
    keep === undefined
      ? await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'gearnn-frames-'))
      : await emptyFolder(keep);
  const dispose = async (): Promise<void> => {
    if (keep === undefined) await rm(root, { recursive: true, force: true });
  };
  try {
    const kept = new DistinctFrames<number>(frames);
    const watched = await watch(options, kept, root);
    signal?.throwIfAborted();
    const files = kept.frames.map(fileOf);
    if (files.length < FEWEST) refuseAlike(options.source, files.length, watched.seen);
    const measured = Math.max(1, Math.round(files.length * MEASURED));
    await writeFileAtomic(join(root, 'train.txt'), linesOf(files.slice(0, -measured)));
    await writeFileAtomic(join(root, 'val.txt'), linesOf(files.slice(-measured)));
    const splits = { train: 'train.txt', val: 'val.txt' };
    await writeJsonAtomic(join(root, 'dataset.json'), { task: 'none', splits });
    return { data: `list:${root}`, frames: files.length, ...watched, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Looks at frames, and writes those that are kept. */
async function watch(
  options: CollectOptions,
  kept: DistinctFrames<number>,
  root: string,
): Promise<{ seen: number; seconds: number }> {
  const { source, frames = FRAMES, progress, warn, signal } = options;
  const { silence, reconnect, deinterlace, autorotate, onBreak } = options;
  const video = await openVideo(source, { silence, reconnect, deinterlace, autorotate, onBreak, signal });
  const seconds = options.seconds ?? (video.info.live ? WATCH : Infinity);
  let [seen, next, time] = [0, 0, 0];
  try {
    for await (const frame of framesOf(video)) {
      time = frame.time;
      if (time >= seconds) break;
      if (time < next) continue;
      next = time + EVERY;
      seen++;
      const { kept: isKept, dropped } = kept.offer(frame.number, frame.picture);
      if (isKept) await writeFileAtomic(join(root, fileOf(frame.number)), await encodePng(frame.picture));
      if (dropped !== undefined) await rm(join(root, fileOf(dropped)), { force: true });
      progress?.({ task: `watch ${shownSource(source)}`, done: kept.frames.length, total: frames, unit: 'frames' });
    }
  } catch (error) {
    const isBroken = error instanceof GearnnError && error.code === 'E_VIDEO_BROKEN';
    if (!isBroken || kept.frames.length < FEWEST) throw error;
    warn?.(error.message);
  }
  return { seen, seconds: time };
}

/** A reader's frames; it is closed however the loop over them ends. */
async function* framesOf(video: VideoReader) {
  try {
    yield* video;
  } finally {
    await video.close();
  }
}

async function emptyFolder(folder: string): Promise<string> {
  await makeFolder(folder);
  const [first] = await readdir(folder);
  if (first === undefined) return folder;
  return fail('E_OUT_EXISTS', {
    where: folder,
    expected: 'an empty folder, or none, to keep frames in',
    got: `one with ${first}`,
    todo: `Choose another one; frames that were kept are used again by --data list:${folder}.`,
  });
}

function refuseAlike(source: string, found: number, seen: number): never {
  fail('E_TRAIN_DATA', {
    where: shownSource(source),
    expected: `${FEWEST} frames or more that differ`,
    got: `${found} among the ${seen} that were looked at`,
    todo: 'Watch for longer, or where more happens.',
  });
}

/** `frame-000012.png` */
function fileOf(frame: number): string {
  return `frame-${String(frame).padStart(6, '0')}.png`;
}

function linesOf(files: readonly string[]): string {
  return files.map((file) => `${file}\n`).join('');
}
