import type { Mapping } from '../../detect/scored-boxes.js';
import { centerWindow, sizeByShorterSide, type Fit } from '../../image/fit.js';
import type { Size } from '../../image/resize.js';
import type { OnnxInput } from './config.js';

/** Where a picture lies in the network's input. */
export interface Place extends Size {
  top: number;
  left: number;
}

/** Where a picture comes to lie: everywhere, or in its own shape in the middle or the left upper corner. */
export function placeOf(picture: Size, { size, fit }: Pick<OnnxInput, 'size' | 'fit'>): Place {
  const { height, width } = size ?? picture;
  if (!size || fit === undefined || fit === 'stretch') return { top: 0, left: 0, height, width };
  const scale = Math.min(height / picture.height, width / picture.width);
  const own = {
    height: Math.max(1, Math.round(picture.height * scale)),
    width: Math.max(1, Math.round(picture.width * scale)),
  };
  if (fit === 'corner') return { ...own, top: 0, left: 0 };
  return { ...own, top: Math.floor((height - own.height) / 2), left: Math.floor((width - own.width) / 2) };
}

/**
 * What takes pixels of the network's input to those of the picture.
 *
 * @param cut how pictures were resized and cut before that
 */
export function pictureMapping(picture: Size, input: Pick<OnnxInput, 'size' | 'fit'>, cut: Fit | undefined): Mapping {
  const whole = cut ? sizeByShorterSide(picture, cut.resize) : picture;
  const seen = cut ? centerWindow(whole, cut.crop) : { x: 0, y: 0, ...picture };
  const place = placeOf(seen, input);
  const scale = {
    x: ((seen.width / place.width) * picture.width) / whole.width,
    y: ((seen.height / place.height) * picture.height) / whole.height,
  };
  return {
    scale,
    offset: {
      x: (seen.x * picture.width) / whole.width - place.left * scale.x,
      y: (seen.y * picture.height) / whole.height - place.top * scale.y,
    },
  };
}
