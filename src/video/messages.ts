import type { WireError } from '../common/wire.js';
import type { Run } from './account.js';
import type { VideoFrame, VideoInfo } from './picture.js';

/** What the decoding thread is started with. */
export interface DecodeTask {
  source: string;
  /** Whether the newest frame counts; undefined: if the source is live. */
  live?: boolean;
  deinterlace?: boolean;
  autorotate?: boolean;
  /** Seconds that the source may give nothing. */
  silence?: number;
  /** Whether a source that breaks is opened again. */
  reconnect?: boolean;
}

/** Frames that were damaged, by their numbers. */
export interface Damage {
  /** Never came. */
  lost: Run[];
  /** Came with parts that the decoder made up. */
  damaged: Run[];
}

/** To the decoding thread: hand over the next frame; stop and close the source. */
export type Order = 'next' | 'stop';

/** From the decoding thread. After `end` and `error` nothing follows. */
export type Report =
  | { kind: 'open'; info: VideoInfo; length?: number }
  | { kind: 'break'; error: WireError }
  | { kind: 'frame'; frame: VideoFrame; dropped: number }
  | { kind: 'end'; dropped: number; damage?: Damage }
  | { kind: 'error'; error: WireError; damage?: Damage };
