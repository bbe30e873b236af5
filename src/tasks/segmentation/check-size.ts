import { fail } from '../../common/errors.js';
import type { Orientation } from '../../image/orientation.js';
import type { Size } from '../../image/resize.js';
import { uprightSize } from '../../image/turn.js';

/**
 * @param resized the image may be smaller than its label map
 * @throws E_DATA_SIZE if a label map does not fit its image
 */
export function checkSize(label: Size, image: Size, where: string, resized = false, turned?: Turned): void {
  if (fits(label, image, resized)) return;
  const how = turned && turned.orientation > 1 ? `, ${turnedText(turned, image)}` : '';
  const isStored = how !== '' && fits(label, uprightSize(image, turned!.orientation), resized);
  fail('E_DATA_SIZE', {
    where,
    expected: `a label map of its image's size, ${image.width}x${image.height}${resized ? ', or larger' : ''}${how}`,
    got: `${label.width}x${label.height}`,
    todo: isStored ? redraw(turned!) : 'Resize one of the two (labels by nearest neighbour), or remove the sample.',
  });
}

/** An image and how its EXIF orientation turned it. */
export interface Turned {
  image: string;
  orientation: Orientation;
}

function fits(label: Size, image: Size, resized: boolean): boolean {
  if (resized && label.width >= image.width && label.height >= image.height) return true;
  return label.width === image.width && label.height === image.height;
}

function turnedText({ image, orientation }: Turned, upright: Size): string {
  const { width, height } = uprightSize(upright, orientation);
  return `as ${image}, stored as ${width}x${height}, is upright by its EXIF orientation ${orientation}`;
}

/** A label map of the picture as it is stored. */
function redraw({ image, orientation }: Turned): string {
  return (
    `It was drawn on the picture as it is stored. Turn it as the image is turned (Pillow: ImageOps.exif_transpose does it for ` +
    `EXIF orientation ${orientation}), or, if the picture is right as stored, take the orientation out of it: ` +
    `exiftool -Orientation= ${image}. Resize neither.`
  );
}
