import type { LabelMap } from '../../image/pixels.js';
import { labelMaps } from '../segmentation/targets.js';
import type { Targets } from '../task.js';

/** Label maps in which 0 is background and every other id is foreground; pixels of `ignore` count nowhere. */
export function foregroundMaps(ignore: number): Targets<LabelMap, 'foreground'> {
  return { ...labelMaps(ignore), name: 'foreground' };
}
