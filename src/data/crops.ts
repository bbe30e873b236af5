import type { Size } from '../image/resize.js';
import type { Warning } from './warning.js';

/** Share of a crop that images are to fill. */
const ENOUGH = 0.5;

/**
 * Warns where crops would lie outside the image for the most part.
 *
 * @param size of the largest image
 * @param crop height and width
 * @param scale factors that the images' size is multiplied by before
 */
export function cropWarnings(
  split: string,
  size: Size,
  { crop: [height, width], scale: [min, max] = [1, 1] }: { crop: [number, number]; scale?: [number, number] },
): Warning[] {
  const share = (factor: number): number =>
    Math.min(1, (size.height * factor) / height) * Math.min(1, (size.width * factor) / width);
  const filled = share((min + max) / 2);
  if (filled >= ENOUGH) return [];
  const scaled = min === 1 && max === 1 ? '' : `, scaled by ${min} to ${max},`;
  const percent = filled < 0.01 ? 'under 1' : (100 * filled).toFixed(0);
  const message =
    `${split}: images of ${size.height}x${size.width}${scaled} fill ${percent}% of crops of ${height}x${width}, ` +
    'and what lies outside teaches nothing: choose a smaller --size or a larger --scale';
  return [{ kind: 'crop', split, message }];
}
