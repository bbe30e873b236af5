import { Option, type Command } from 'commander';
import { dirname, join } from 'node:path';
import { fail } from '../src/common/errors.js';
import { DEFAULT_LIMITS } from '../src/serve/limits.js';
import type { CheckpointConfig } from '../src/models/checkpoint-config.js';
import { boxesFile } from '../src/serve/boxes-file.js';
import type { ImageFile, VideoSource } from '../src/serve/source.js';
import type { VideoOutcome } from '../src/serve/video.js';
import { shownSource } from '../src/video/source.js';
import { withContext, type Context } from './context.js';
import {
  addCalibrationOptions,
  addAutoEngineOptions,
  addExamples,
  addLevelOptions,
  calibrationOf,
  forceOption,
  integer,
  jsonOption,
} from './options.js';
import { withLineLog } from './line-log.js';
import { printJson, summary } from './output.js';
import { maxPixelsOption, tileOption } from './large-options.js';
import { inferRaw } from './infer-raw.js';
import { keepSources } from './keep-sources.js';
import { refuseOverwrite } from './overwrite.js';
import { sayWhatIsSkipped } from './skipped.js';
import { byLevel, type ImageCounts, type InferFlags, inferImages, inferOne, type Work } from './infer-run.js';
import { addVideoOptions } from './video-options.js';
import { makeFolder } from '../src/common/folders.js';

/** `gearnn infer`: masks of images, videos and streams. */
export function register(program: Command): void {
  const command = program
    .command('infer')
    .description(
      'masks, classes or boxes of images and videos: answer every image, or every frame of a video or stream, with the adaptor of its own level',
    )
    .argument(
      '<source...>',
      'images, folders of images, videos, patterns in quotes, http(s): and rtsp: addresses, /dev/video0, - for standard input',
    )
    .requiredOption('--checkpoint <dir>', 'the base')
    .option('--adaptors <dir>', "its adaptors, one folder per level (default: the checkpoint's)")
    .option(
      '--out <dir>',
      'folder for the masks: PNGs with a class id per pixel; or for boxes, as JSON (results of COCO for networks that find objects) and drawn over the picture; those of a video in a folder of its name',
    )
    .option(
      '--overlay <file>',
      'video to write, such as overlay.mp4: the frames of one video with the classes in colour, or the boxes, over them',
    )
    .option('--jsonl <file>', 'a line per image or frame: level, confidence, what was seen, times')
    .option(
      '--level <level>',
      "level of every image, such as jpeg=10, or auto: each one's own (default: auto; with --raw that of the base)",
    )
    .addOption(
      new Option(
        '--raw',
        'write every output of the network, as it is, to NAME.npz in --out: by the base, or with the adaptor of --level',
      ).conflicts(['overlay', 'jsonl', 'stream', 'live', 'every', 'maxFrames', 'tile', 'calibrate']),
    )
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
  addCalibrationOptions(command);
  addLevelOptions(command);
  addAutoEngineOptions(command);
  command.action(withContext(infer));
  addExamples(
    command,
    'gearnn infer photo.jpg --checkpoint checkpoints/demo --out masks',
    'gearnn infer frames/ --stream --checkpoint checkpoints/demo --out masks --jsonl masks/frames.jsonl',
    'gearnn infer street.mp4 --checkpoint checkpoints/demo --out masks --overlay overlay.mp4 --jsonl frames.jsonl',
    'gearnn infer photo.jpg --checkpoint nets/detector --out arrays --raw',
    'gearnn infer rtsp://camera.local/stream --checkpoint checkpoints/demo --jsonl frames.jsonl',
  );
}

async function infer(context: Context, sources: string[], options: InferFlags): Promise<void> {
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
  if (options.raw) return inferRaw(context, picturesOf(images, videos), options);
  // What happens anyway, said for --raw's sake.
  if (options.level === 'auto') options.level = undefined;
  checkOutputs(images, videos, options, await readCheckpointConfig(checkpoint));
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
    calibration: calibrationOf(options),
    warn: (message) => context.note(`warning: ${message}`),
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

/** @throws E_USAGE for videos, whose frames have no names */
function picturesOf(images: ImageFile[], videos: VideoSource[]): string[] {
  if (videos.length === 0) return images.map(({ path }) => path);
  return fail('E_USAGE', { where: '--raw', expected: 'pictures', got: `${videos.length} videos` });
}

/** What can be known to fail is known before a network is loaded. */
async function prepareVideos({ overlay }: InferFlags): Promise<void> {
  const [{ loadLibrary }, { checkContainer }] = await Promise.all([
    import('../src/video/library.js'),
    import('../src/video/writer.js'),
  ]);
  await loadLibrary();
  if (overlay !== undefined) checkContainer(overlay);
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

/** Says before anything is loaded what is missing, does not go together, or is there already. */
function checkOutputs(
  images: ImageFile[],
  videos: VideoSource[],
  { out, overlay, jsonl, force }: InferFlags,
  { task = 'segmentation', onnx }: CheckpointConfig,
): void {
  const hasBoxes = task === 'detection' || task === 'instances' || onnx?.head !== undefined;
  const hasPicture = task === 'segmentation' || task === 'foreground' || hasBoxes;
  if (!hasPicture && (out !== undefined || overlay !== undefined)) {
    fail('E_DATA_TASK', {
      where: out === undefined ? '--overlay' : '--out',
      expected: 'a network whose answers are masks or boxes',
      got: `one for ${task}`,
      todo:
        task === 'classification'
          ? 'Its answers are printed, and lines of --jsonl.'
          : 'Write its outputs with --raw; boxes of known detectors are read where gearnn import is told --head.',
    });
  }
  if (task !== 'classification' && out === undefined && overlay === undefined && jsonl === undefined) {
    fail('E_USAGE', { where: 'gearnn infer', expected: '--out, --overlay or --jsonl', got: 'none of them' });
  }
  if (overlay !== undefined && (videos.length !== 1 || images.length > 0)) {
    const got = `${videos.length} videos and ${images.length} images`;
    fail('E_USAGE', { where: '--overlay', expected: 'one video', got, todo: 'Run it for each video on its own.' });
  }
  if (out !== undefined) {
    for (const { mask } of images) {
      refuseOverwrite(join(out, mask), force);
      if (hasBoxes) refuseOverwrite(boxesFile(join(out, mask)), force);
    }
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
    todo: 'The lines above name each; all others have their answers.',
  });
}
