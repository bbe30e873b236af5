import { Clock } from './clock.js';
import type { Input } from './input.js';
import type { VideoFrame } from './picture.js';
import { ToRgb } from './rgb.js';
import { isAddress } from './source.js';
import { type ShowOptions, Upright } from './upright.js';

/** The clock of a source's frames; a file of one piece keeps its own times. */
export function clockOf(input: Input, source: string): Clock {
  const { frameRate, duration, live } = input.info;
  const isOnePiece = !live && !input.isPlaylist && !isAddress(source);
  return new Clock(
    frameRate === undefined ? undefined : 1 / frameRate,
    isOnePiece ? Infinity : live ? undefined : duration,
  );
}

/**
 * The frames of an open source as RGB, as they are to be seen, numbered and on one clock.
 *
 * @param clock that they are put on
 * @throws E_VIDEO_BROKEN, after the frames before the break, or at the end where some in the middle are damaged; the signal's reason
 */
export async function* decodeFrames(
  input: Input,
  clock: Clock,
  options: ShowOptions = {},
): AsyncGenerator<VideoFrame & { stamp?: number }, void> {
  const rgb = new ToRgb(input.library);
  const upright = new Upright<Omit<VideoFrame, 'picture'> & { stamp?: number }>(input.library, options);
  async function* pictures(
    shown: ReturnType<typeof upright.show>,
  ): AsyncGenerator<VideoFrame & { stamp?: number }, void> {
    for await (const { frame, with: said, turn } of shown) {
      yield { ...said, picture: await rgb.convert(frame), ...(turn && { orientation: turn.exif }) };
    }
  }
  try {
    let broken: { error: unknown } | undefined;
    const frames = input.frames();
    try {
      for await (const { frame, number, stamp, duration, jpeg } of frames) {
        const time = clock.next(stamp);
        const said = { number, time, stamp, ...(duration !== undefined && { duration }), ...(jpeg && { jpeg }) };
        yield* pictures(upright.show(frame, said));
      }
    } catch (error) {
      broken = { error };
    }
    yield* pictures(upright.end());
    if (broken) throw broken.error;
  } finally {
    upright.close();
    rgb.close();
  }
}
