import type { WireError } from '../../common/wire.js';

/** An encoded image that is wanted at a level. */
export interface DistortTask {
  image: Uint8Array;
  level: string;
}

/** The file that it became, or why not. */
export type DistortReply = { file: Uint8Array } | { error: WireError };
