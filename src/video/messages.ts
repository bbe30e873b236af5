import type { WireError } from '../common/wire.js';
import type { VideoFrame, VideoInfo } from './picture.js';

/** What the decoding thread is started with. */
export interface DecodeTask {
  source: string;
  /** Whether the newest frame counts; undefined: if the source is live. */
  live?: boolean;
}

/** To the decoding thread: hand over the next frame; stop and close the source. */
export type Order = 'next' | 'stop';

/** From the decoding thread. After `end` and `error` nothing follows. */
export type Report =
  | { kind: 'open'; info: VideoInfo }
  | { kind: 'frame'; frame: VideoFrame; dropped: number }
  | { kind: 'end'; dropped: number }
  | { kind: 'error'; error: WireError };
