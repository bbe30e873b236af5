import type { CalibrationUse } from '../adaptor/serving.js';
import type { BrokenAdaptor } from '../adaptor/list.js';
import type { StreamDetectorOptions } from '../distort/detect/stream.js';
import type { TileChoice } from '../eval/tile-memory.js';

export interface RunnerOptions extends StreamDetectorOptions {
  /** Folder of the base. */
  checkpoint: string;
  /** Folder of adaptors, `ADAPTORS/LEVEL/`; the base alone without. */
  adaptors?: string;
  /** Whether adaptors serve as the folder's calibration says. Default: `known`, those that it says nothing of serve as they are. */
  calibration?: CalibrationUse;
  /** How large frames are cut, so that memory has a bound. Default: `auto`. */
  tile?: TileChoice;
  /** Pixels of the largest frame that is decoded. Default: any that the decoder takes. */
  maxPixels?: number;
  /** Is given each adaptor that cannot be loaded, which is left out then; without it, loading fails. */
  onBroken?(broken: BrokenAdaptor): void;
  /** Is told which adaptors were not calibrated, or have changed since. */
  warn?(message: string): void;
}
