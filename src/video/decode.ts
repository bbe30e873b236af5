import { Clock } from './clock.js';
import type { Input } from './input.js';
import type { VideoFrame } from './picture.js';
import { ToRgb } from './rgb.js';

/**
 * The frames of an open source as RGB, numbered and on one clock.
 *
 * @throws E_VIDEO_BROKEN, after the frames before the break; the signal's reason
 */
export async function* decodeFrames(input: Input): AsyncGenerator<VideoFrame, void> {
  const { frameRate } = input.info;
  const clock = new Clock(frameRate === undefined ? undefined : 1 / frameRate);
  const rgb = new ToRgb(input.library);
  let number = 0;
  try {
    for await (const { frame, stamp, jpeg } of input.frames()) {
      const picture = await rgb.convert(frame);
      yield { picture, number: ++number, time: clock.next(stamp), ...(jpeg && { jpeg }) };
    }
  } finally {
    rgb.close();
  }
}
