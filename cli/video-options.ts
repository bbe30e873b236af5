import { Option, type Command } from 'commander';
import type { VideoOutcome } from '../src/serve/video.js';
import { turnWords } from '../src/video/orientation.js';
import type { Context } from './context.js';
import { decimal } from './options.js';

/** How `gearnn infer` reads videos. */
export interface VideoFlags {
  deinterlace: boolean;
  autorotate: boolean;
  silence?: number;
  reconnect?: boolean;
}

export function addVideoOptions(command: Command): void {
  command
    .option('--no-deinterlace', 'leave the two fields of an interlaced frame woven')
    .option('--no-autorotate', 'leave frames as they are stored where the video says to turn them')
    .addOption(
      new Option('--silence <seconds>', 'a stream that gives nothing for so long is broken (default: 25)').argParser(
        decimal('--silence', 0.1),
      ),
    )
    .option('--reconnect', 'open a stream on the network again whenever it breaks');
}

/** The part of the options that {@link addVideoOptions} adds, with what happens told. */
export function videoOptions({ deinterlace, autorotate, silence, reconnect }: VideoFlags, context: Context) {
  const onBreak = (error: Error): void => context.note(`${error.message} Opening it again.`);
  return { deinterlace, autorotate, silence, reconnect, onBreak };
}

/** Says how a video is turned, and why it ended early or what in it is damaged. */
export function sayOfVideo({ source, orientation, upright, error }: VideoOutcome, context: Context): void {
  if (orientation !== undefined) {
    const how = turnWords(orientation);
    context.note(
      upright
        ? `${source}: frames and masks are ${how}, as the video says; --no-autorotate leaves them as they are stored.`
        : `${source}: frames and masks are as they are stored; upright they would be ${how}.`,
    );
  }
  if (error) context.note(error.message);
}
