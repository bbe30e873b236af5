import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoFrame } from './picture.js';

/**
 * Hands on frames no faster than they were recorded. A live playlist comes in pieces of several seconds; without this all but a few
 * frames of each would be dropped, and then none come for seconds. A frame that is late is handed on at once.
 *
 * @throws the signal's reason
 */
export async function* paced(frames: AsyncIterable<VideoFrame>, signal: AbortSignal): AsyncGenerator<VideoFrame, void> {
  let start: number | undefined;
  for await (const frame of frames) {
    start ??= performance.now();
    const early = start + frame.time * 1000 - performance.now();
    if (early > 0) await sleep(early, undefined, { signal });
    yield frame;
  }
}
