import type { Pixels } from '../image/pixels.js';
import type { HeadName } from '../detect/heads/names.js';
import type { Size } from '../image/resize.js';
import type { OnnxInput } from '../models/onnx/config.js';
import type { TaskName } from '../tasks/names.js';
import type { PackedArray } from '../tasks/task.js';
import type { Answer, FoundBox, TopClass } from './answer.js';

/**
 * What is inferred: an encoded image (JPEG, PNG, WebP, ...), or pixels with three channels. `bytes` is the file that pixels were
 * decoded from, where there is one: a JPEG's tables tell its level.
 */
export type Frame = Uint8Array | (Pixels & { bytes?: Uint8Array });

export interface InferOptions {
  /** Frames of one camera carry one name: its level is tracked from frame to frame. None: the frame stands alone. */
  stream?: string;
  /** The frame's level where it is known, `jpeg=10`; `clean` for the base. Default: detected. */
  level?: string;
  /** The frame is its stream's first: what was known of the stream is forgotten before it. */
  start?: boolean;
  /** The frame is its stream's last: the stream is forgotten after it, whatever becomes of the frame. */
  end?: boolean;
}

/** One frame of several to infer. */
export interface FrameRequest {
  frame: Frame;
  options?: InferOptions;
}

/** How a frame's level was found: said by the caller, read from the frame, kept from the frame before, or not at all. */
export type LevelSource = 'stated' | 'detected' | 'held' | 'none';

/** An answer for one frame. */
export interface Inference extends Answer {
  /** The five likeliest classes, where the answer is one class for the whole frame. */
  top?: readonly TopClass[];
  /** What was found, the surest first, where the network is a detector whose boxes are read. */
  boxes?: readonly FoundBox[];
  width: number;
  height: number;
  /** Level of the adaptor that answered; `clean` for the base. */
  level: string;
  /** Which files answered, {@link versionOf} of their hash: another one once the adaptor, its share or the base is another. */
  version: string;
  /** Why something else than the adaptor of the frame's level answered: `calibrated: base is better at jpeg=50`. */
  reason?: string;
  /** Of the level, 0..1; 1 where it was stated. */
  confidence: number;
  source: LevelSource;
  /** What was seen of the frame, by kind of distortion: `{ jpeg: 32 }`. */
  seen: Readonly<Record<string, number | string>>;
  /** Milliseconds that each part took. */
  timings: { decode: number; detect: number; swap: number; forward: number };
}

/** A network with its adaptors, as servers and clients see it. */
export interface ModelDescription {
  /** Name of the checkpoint's folder. */
  name: string;
  /** `drn-d-22` */
  network: string;
  width: number;
  /** What it is for: a mask of every frame, a class, or any other output. */
  task: TaskName;
  /** What answers hold. */
  outputs: readonly PackedArray[];
  /** Kind of the detector, where its boxes are read. */
  head?: HeadName;
  /** How a picture becomes the input of a file that it came from. */
  input?: Pick<OnnxInput, 'layout' | 'size' | 'fit'>;
  /** Size of the images that it was trained on, where its checkpoint says it. */
  trained?: Size;
  classes: readonly { name: string; color: readonly [number, number, number] }[];
  /** Resident adaptors, each with its values and the version that answers at its level. */
  adaptors: readonly { level: string; parameters: number; version: string }[];
  /** Of the base. */
  version: string;
  /** Values of the base. */
  parameters: number;
  engine: { name: string; version: string; precision: string; threads: number };
  /** Bytes of the base's and of the adaptors' tensors. */
  residentBytes: { base: number; adaptors: number };
}

/** What clients know the files of an adaptor or a base by: the first 12 digits of their hash, and the share where it is not whole. */
export function versionOf(hash: string, share = 1): string {
  return `${hash.slice(0, 12)}${share === 1 ? '' : `@${share}`}`;
}
