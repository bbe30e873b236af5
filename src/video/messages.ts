import type { WireError } from '../common/wire.js';
import type { Stretch } from './account.js';
import type { VideoFrame, VideoInfo } from './picture.js';
import type { ShowOptions } from './upright.js';

/** How a source is decoded. */
export interface DecodeOptions extends ShowOptions {
  /**
   * Whether the newest frame counts: frames that come faster than they are asked for are dropped and counted. Unless said, that of a
   * live source (RTSP, a playlist without an end, and what else comes over HTTP without saying how long it lasts); the frames of a file
   * come all.
   */
  live?: boolean;
  /** Seconds that the source may give nothing. Default: 25. Standard input may for ever. */
  silence?: number;
  /**
   * Whether a source on the network that breaks, falls silent or hangs up is opened again, as often as it takes. Frames go on counting.
   * Default: false.
   */
  reconnect?: boolean;
}

/** What the decoding thread is started with. */
export interface DecodeTask extends DecodeOptions {
  source: string;
}

/** Frames that were damaged, by their numbers. */
export interface Damage {
  /** Never came. */
  lost: Stretch[];
  /** Came with parts that the decoder made up. */
  damaged: Stretch[];
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
