import type { BrokenAdaptor } from '../adaptor/list.js';
import type { BrightnessReference } from '../distort/detect/brightness.js';
import type { Size } from '../distort/detect/resolution.js';
import type { TileChoice } from '../eval/tile-memory.js';

export interface RunnerOptions {
  /** Folder of the base. */
  checkpoint: string;
  /** Folder of adaptors, `ADAPTORS/LEVEL/`; the base alone without. */
  adaptors?: string;
  /** How large frames are cut, so that memory has a bound; `auto` unless said. */
  tile?: TileChoice;
  /** Pixels of the largest frame that is decoded; any that the decoder takes unless said. */
  maxPixels?: number;
  /** Size of an undistorted frame, which resolutions are compared with. */
  size?: Size;
  /** What undistorted frames of every stream look like: brightness is read against it. */
  reference?: BrightnessReference;
  /** Takes so many first frames of each stream as its reference instead. */
  calibrate?: number;
  /** Is given each adaptor that cannot be loaded, which is left out then; without it, loading fails. */
  onBroken?(broken: BrokenAdaptor): void;
}
