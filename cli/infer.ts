import { Option, type Command } from 'commander';
import { dirname, join } from 'node:path';
import { fail } from '../src/common/errors.js';
import type { TileChoice } from '../src/eval/tile-memory.js';
import type { FileAnswer } from '../src/serve/files.js';
import type { Inference } from '../src/serve/inference.js';
import { DEFAULT_LIMITS } from '../src/serve/limits.js';
import type { AdaptiveRunner } from '../src/serve/runner.js';
import type { ImageFile, VideoSource } from '../src/serve/source.js';
import type { FrameAnswer, VideoOutcome } from '../src/serve/video.js';
import { shownSource } from '../src/video/source.js';
import { withContext, type Context } from './context.js';
import {
  addEngineOptions,
  addExamples,
  addLevelOptions,
  forceOption,
  integer,
  jsonOption,
  type EngineFlags,
  type LevelFlags,
} from './options.js';
import { type LineLog, withLineLog } from './line-log.js';
import { printJson, stdout, summary } from './output.js';
import { maxPixelsOption, tileOption } from './large-options.js';
import { keepSources } from './keep-sources.js';
import { refuseOverwrite } from './overwrite.js';
import { sayWhatIsSkipped } from './skipped.js';
import { type VideoFlags, addVideoOptions, sayOfVideo, videoOptions } from './video-options.js';
import { makeFolder } from '../src/common/folders.js';

interface Options extends EngineFlags, LevelFlags, VideoFlags {
  checkpoint: string;
  adaptors?: string;
  out?: string;
  overlay?: string;
  jsonl?: string;
  level?: string;
  stream?: boolean;
  live?: boolean;
  every?: number;
  maxFrames?: number;
  tile?: TileChoice;
  maxPixels: number;
  force?: boolean;
}

/** `gearnn infer`: masks of images, videos and streams. */
export function register(program: Command): void {
  const command = program
    .command('infer')
    .description(
      'masks, or classes, of images and videos: answer every image, or every frame of a video or stream, with the adaptor of its own level',
    )
    .argument(
      '<source...>',
      'images, folders of images, videos, patterns in quotes, http(s): and rtsp: addresses, /dev/video0, - for standard input',
    )
    .requiredOption('--checkpoint <dir>', 'the base')
    .option('--adaptors <dir>', "its adaptors, one folder per level (default: the checkpoint's)")
    .option(
      '--out <dir>',
      'folder for the masks: PNGs with a class id per pixel; those of a video in a folder of its name',
    )
    .option(
      '--overlay <file>',
      'video to write, such as overlay.mp4: the frames of one video with the classes in colour over them',
    )
    .option('--jsonl <file>', 'a line per image or frame: level, confidence, what was seen, times')
    .option('--level <level>', "level of every image, such as jpeg=10 (default: each one's own)")
    .option('--stream', 'the images are frames of one camera, in the order of their names')
    .option(
      '--live',
      'of a video that is faster than the network, answer the newest frame and drop those that it missed',
    )
    .option('--no-live', 'answer every frame, of a live stream too; files are answered whole unless --live is given')
    .addOption(new Option('--every <n>', 'answer every Nth frame of a video').argParser(integer('--every', 1)))
    .addOption(
      new Option('--max-frames <n>', 'stop after N answered frames of a video').argParser(integer('--max-frames', 1)),
    )
    .addOption(tileOption('auto'))
    .addOption(maxPixelsOption().default(DEFAULT_LIMITS.pixels))
    .addOption(forceOption())
    .addOption(jsonOption());
  addVideoOptions(command);
  addLevelOptions(command);
  addEngineOptions(command);
  command.action(withContext(infer));
  addExamples(
    command,
    'gearnn infer photo.jpg --checkpoint checkpoints/demo --out masks',
    'gearnn infer frames/ --stream --checkpoint checkpoints/demo --out masks --jsonl masks/frames.jsonl',
    'gearnn infer street.mp4 --checkpoint checkpoints/demo --out masks --overlay overlay.mp4 --jsonl frames.jsonl',
    'gearnn infer rtsp://camera.local/stream --checkpoint checkpoints/demo --jsonl frames.jsonl',
  );
}

async function infer(context: Context, sources: string[], options: Options): Promise<void> {
  const { checkpoint, adaptors = checkpoint, calibrate, size } = options;
  const [{ findSources }, { AdaptiveRunner }, { readReference }, { openEngine }] = await Promise.all([
    import('../src/serve/sources.js'),
    import('../src/serve/runner.js'),
    import('../src/serve/reference.js'),
    import('./engine-start.js'),
  ]);
  const { readCheckpointConfig } = await import('../src/models/checkpoint.js');
  const { images, videos, skipped } = await findSources(sources);
  sayWhatIsSkipped(context, skipped);
  const classifies = (await readCheckpointConfig(checkpoint)).task === 'classification';
  checkOutputs(images, videos, options, classifies);
  await keepSources(sources, images, videos, { ...options, adaptors });
  if (videos.length > 0) await prepareVideos(options);
  const reference = options.reference === undefined ? undefined : await readReference(options.reference);
  if (options.jsonl !== undefined) await makeFolder(dirname(options.jsonl));
  const signal = context.interruptible(
    undefined,
    'Stopping after the current frame, or tile of a large one; press Ctrl-C again to quit at once.',
  );
  await openEngine(context, options);
  const runner = await AdaptiveRunner.load({
    ...{ checkpoint, adaptors, reference, calibrate, tile: options.tile, maxPixels: options.maxPixels },
    size: size && { height: size[0], width: size[1] },
  });
  try {
    await withLineLog(options.jsonl, signal, async (log) => {
      const work: Work = { context, runner, log, signal, options };
      const counts = images.length > 0 ? await inferImages(work, images) : undefined;
      const outcomes: VideoOutcome[] = [];
      for (const video of videos) {
        const outcome = await inferOne(work, video);
        outcomes.push(outcome);
        if (outcome.stopped) break;
      }
      report(work, counts, outcomes);
      signal.throwIfAborted();
      refuseFailures(sources, images.length, counts?.failed ?? 0, outcomes);
    });
  } finally {
    runner.dispose();
  }
}

/** What can be known to fail is known before a network is loaded. */
async function prepareVideos({ overlay }: Options): Promise<void> {
  const [{ loadLibrary }, { checkContainer }] = await Promise.all([
    import('../src/video/library.js'),
    import('../src/video/writer.js'),
  ]);
  await loadLibrary();
  if (overlay !== undefined) checkContainer(overlay);
}

interface Work {
  context: Context;
  runner: AdaptiveRunner;
  log: LineLog | undefined;
  signal: AbortSignal;
  options: Options;
}

interface ImageCounts {
  answered: number;
  failed: number;
  levels: Record<string, number>;
  /** Of networks that classify, one per picture. */
  answers?: object[];
}

async function inferImages({ context, runner, log, signal, options }: Work, files: ImageFile[]): Promise<ImageCounts> {
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
    const { path: source, mask, orientation, inference } = answer;
    levels[inference.level] = (levels[inference.level] ?? 0) + 1;
    if (inference.top) answers.push({ source, ...shown(inference) });
    if (inference.top && !context.json) stdout(classLine(source, inference));
    await writeLine(log, { source, mask, orientation, ...shown(inference) });
  };
  const { progress } = context;
  return {
    ...(await inferFiles({ runner, files, out, level, stream, progress, signal, onAnswer })),
    levels,
    ...(answers.length > 0 && { answers }),
  };
}

async function inferOne({ context, runner, log, signal, options }: Work, video: VideoSource): Promise<VideoOutcome> {
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

/** `cat.jpg: cat 0.93, lynx 0.05 (jpeg=10)` */
function classLine(source: string, { top, level }: Inference): string {
  const likely = top!.map(({ class: name, probability }) => `${name} ${probability.toFixed(2)}`);
  return `${source}: ${likely.join(', ')} (${level})`;
}

/** What a line of the log says of an answer. */
function shown({ width, height, top, level, confidence, source: how, seen, timings }: Inference) {
  const best = top?.[0];
  const answer = best && { class: best.class, probability: best.probability, top };
  return { width, height, ...answer, level, confidence, how, seen, timings };
}

async function writeLine(log: LineLog | undefined, line: object): Promise<void> {
  await log?.write(`${JSON.stringify(line)}\n`);
}

function report({ context, options }: Work, counts: ImageCounts | undefined, outcomes: VideoOutcome[]): void {
  if (context.json) {
    const videos = outcomes.map(({ error, ...outcome }) => ({ ...outcome, ...(error && { error: error.message }) }));
    return printJson({ ...counts, ...(videos.length > 0 && { videos }) });
  }
  if (counts) summary(`${options.out ?? 'images'}: ${byLevel(counts.levels)}`);
  for (const { source, frames, dropped, time, levels, stopped } of outcomes) {
    const left = dropped > 0 ? `, ${dropped} dropped` : '';
    const end = stopped ? `, stopped at ${time.toFixed(1)} s` : '';
    summary(`${source}: ${frames} frames${left}${end}: ${byLevel(levels)}`);
  }
}

function byLevel(levels: Record<string, number>): string {
  return (
    Object.entries(levels)
      .map(([level, count]) => `${count} at ${level}`)
      .join(', ') || 'nothing'
  );
}

/** Says before anything is loaded what is missing, does not go together, or is there already. */
function checkOutputs(
  images: ImageFile[],
  videos: VideoSource[],
  { out, overlay, jsonl, force }: Options,
  classifies: boolean,
): void {
  if (classifies && (out !== undefined || overlay !== undefined)) {
    fail('E_DATA_TASK', {
      where: out === undefined ? '--overlay' : '--out',
      expected: 'a network for segmentation, whose answers are masks',
      got: 'one for classification',
      todo: 'Its answers are printed, and lines of --jsonl.',
    });
  }
  if (!classifies && out === undefined && overlay === undefined && jsonl === undefined) {
    fail('E_USAGE', { where: 'gearnn infer', expected: '--out, --overlay or --jsonl', got: 'none of them' });
  }
  if (overlay !== undefined && (videos.length !== 1 || images.length > 0)) {
    const got = `${videos.length} videos and ${images.length} images`;
    fail('E_USAGE', { where: '--overlay', expected: 'one video', got, todo: 'Run it for each video on its own.' });
  }
  if (out !== undefined) {
    for (const { mask } of images) refuseOverwrite(join(out, mask), force);
    for (const { name } of videos) refuseOverwrite(join(out, name), force);
  }
  for (const [option, file] of Object.entries({ '--overlay': overlay, '--jsonl': jsonl }))
    if (file !== undefined) refuseOverwrite(file, force, option);
}

function refuseFailures(sources: string[], images: number, failed: number, outcomes: VideoOutcome[]): void {
  const broken = outcomes.filter(({ error }) => error !== undefined).length;
  if (failed + broken === 0) return;
  const got = [
    ...(failed > 0 ? [`${failed} of ${images} images`] : []),
    ...(broken > 0 ? [`${broken} of ${outcomes.length} videos`] : []),
  ];
  fail('E_INFER', {
    where: sources.map(shownSource).join(' '),
    expected: 'images that can be answered, and videos that can be read to their end',
    got: `${got.join(' and ')} that cannot`,
    todo: 'The lines above name each; all others have their masks.',
  });
}
