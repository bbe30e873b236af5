import type { CalibrationUse } from '../../adaptor/serving.js';
import type { BrokenAdaptor } from '../../adaptor/list.js';
import type { WireError } from '../../common/wire.js';
import type { TileChoice } from '../../eval/tile-memory.js';
import type { EngineOptions } from '../../engine/start.js';
import type { FrameRequest, Inference, ModelDescription } from '../inference.js';

/** A network to load, and how it is run. */
export interface LoadOptions {
  /** Folder of the checkpoint. */
  checkpoint: string;
  /** Folder of its adaptors. */
  adaptors?: string;
  /** An image as undistorted frames are: brightness is read against it. */
  reference?: string;
  /** Takes so many first frames of each stream for that instead. */
  calibrate?: number;
  /** Whether adaptors serve as the folder's calibration says. Default: `known`. */
  calibration?: CalibrationUse;
  /** How large frames are cut; see docs/large-pictures.md. */
  tile?: TileChoice;
  /** Size of an undistorted frame, which resolutions are compared with. */
  size?: { width: number; height: number };
}

/** An adaptor that was left out when its network was loaded. */
export interface BrokenItem extends Omit<BrokenAdaptor, 'error'> {
  error: WireError;
}

export interface LoadedModel extends ModelDescription {
  broken?: readonly BrokenItem[];
  /** Which adaptors were not calibrated, or have changed since. */
  notes?: readonly string[];
}

/** What the engine process does, by name: arguments and result. Networks are told apart by the name they are served under. */
export interface EngineCalls {
  start(options: EngineOptions): { notice?: string };
  load(model: string, options: LoadOptions): LoadedModel;
  unload(model: string): void;
  infer(model: string, requests: FrameRequest[]): (Inference | WireError)[];
  add(model: string, folder: string): ModelDescription;
  remove(model: string, level: string): ModelDescription;
  refreshBases(model: string): ModelDescription;
  forget(model: string, stream: string): void;
}

export type EngineCall = keyof EngineCalls;

/** One call, as it travels to the engine process. */
export interface CallMessage {
  id: number;
  call: EngineCall;
  parameters: unknown[];
}

/** Nobody waits for the answer of a call any more: an inference ends between two tiles, if it has any. */
export interface AbandonMessage {
  abandon: number;
}

/** Its answer. */
export interface ReplyMessage {
  id: number;
  /** No answer yet: a tile of a large frame is done, so the engine does not hang. */
  alive?: true;
  value?: unknown;
  error?: WireError;
  /** Bytes of the engine process in memory. */
  resident: number;
}

/** Tells an error from an answer in a batch. */
export function isWireError(value: object): value is WireError {
  return 'kind' in value;
}
