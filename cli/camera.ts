import { Option, type Command } from 'commander';
import type { Collected } from '../src/adapt/camera/collect.js';
import { fail } from '../src/common/errors.js';
import type { Context } from './context.js';
import { decimal, integer } from './options.js';
import { addVideoOptions, videoOptions, type VideoFlags } from './video-options.js';

/** Where pictures come from: a dataset, or a camera whose frames become one. */
export interface CameraFlags extends VideoFlags {
  data?: string;
  camera?: string;
  frames?: number;
  seconds?: number;
  keepFrames?: string;
  resume?: boolean;
}

export function addCameraOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--camera <source>',
        'take the pictures from a video, a stream such as rtsp://camera/live, or /dev/video0, in place of --data',
      ).conflicts('data'),
    )
    .addOption(
      new Option('--frames <n>', 'frames of the camera that are used, those that differ most (default: 120)').argParser(
        integer('--frames', 10),
      ),
    )
    .addOption(
      new Option(
        '--seconds <s>',
        'how long the camera is watched (default: to its end, 300 where it has none)',
      ).argParser(decimal('--seconds', 1)),
    )
    .option('--keep-frames <dir>', 'keep the frames in a folder (default: they are deleted at the end)');
  addVideoOptions(command);
}

/** The dataset that is named, or that of a camera's frames, which go with `dispose`. */
export async function cameraFrames(
  context: Context,
  flags: CameraFlags,
  signal: AbortSignal,
): Promise<Pick<Collected, 'data' | 'dispose'>> {
  const { data, camera, frames, seconds, keepFrames: keep, resume } = flags;
  if (camera === undefined) {
    const option = ['frames', 'seconds', 'keepFrames'].find((name) => flags[name as keyof CameraFlags] !== undefined);
    const got = data === undefined ? 'neither' : `--data and --${option === 'keepFrames' ? 'keep-frames' : option}`;
    if (data === undefined || option !== undefined) fail('E_USAGE', { where: '--data', expected: '--data <spec>, or --camera <source> with its options', got }); // prettier-ignore
    return { data, dispose: async () => {} };
  }
  const { collectFrames } = await import('../src/adapt/camera/collect.js');
  const { isAddress, isDevice, isStdin, shownSource } = await import('../src/video/source.js');
  if (resume && (isAddress(camera) || isDevice(camera) || isStdin(camera))) {
    fail('E_USAGE', {
      where: '--resume',
      expected: 'the frames that the interrupted call trained on',
      got: `${shownSource(camera)}, which shows others by now`,
      todo: 'Name the folder of --keep-frames in place of the camera: --data list:DIR --resume; or start anew: --force.',
    });
  }
  const { progress } = context;
  const warn = (message: string): void => context.note(`warning: ${message}`);
  const found = await collectFrames({
    source: camera,
    frames,
    seconds,
    keep,
    progress,
    signal,
    warn,
    ...videoOptions(flags, context),
  });
  context.note(`${shownSource(camera)}: ${found.frames} frames that differ, of ${found.seen} in ${Math.round(found.seconds)} s${keep === undefined ? '' : `, kept in ${keep}`}`); // prettier-ignore
  return found;
}
