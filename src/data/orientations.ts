import { isSideways, type Orientation } from '../image/orientation.js';
import type { Warning } from './warning.js';

/** A file that its EXIF orientation turned. */
export interface TurnedFile {
  path: string;
  orientation: Orientation;
  /** Of the upright picture. */
  width: number;
  height: number;
}

/**
 * What to say of the images of a dataset that state an EXIF orientation: that they are turned, and where a label map of the right size
 * may have been drawn on the picture as it is stored all the same.
 *
 * @returns none where no image is turned
 */
export function orientationWarnings(turned: readonly TurnedFile[]): Warning[] {
  const hidden = turned.filter(({ orientation, width, height }) => !isSideways(orientation) || width === height);
  const messages: string[] = [];
  if (turned.length > 0) {
    messages.push(`${naming(turned)}: images are turned upright by it, and label maps are expected upright as well.`);
  }
  if (hidden.length > 0) {
    messages.push(
      `${naming(hidden)}, which leaves the size as it is: the size does not tell whether the label map was drawn on the ` +
        'upright picture, as it has to be, or on the stored one. Look at one of them; gearnn data render writes them as they are read.',
    );
  }
  return messages.map((message) => ({ kind: 'orientation', split: null, message }));
}

/** `a.jpg and 3 more: EXIF orientation 6` */
function naming(files: readonly TurnedFile[]): string {
  const { path, orientation } = files[0]!;
  if (files.length === 1) return `${path} has EXIF orientation ${orientation}`;
  const others = [...new Set(files.map((file) => file.orientation))].sort();
  const which = others.length === 1 ? `EXIF orientation ${orientation}` : `EXIF orientations ${others.join(', ')}`;
  return `${path} and ${files.length - 1} more have ${which}`;
}
