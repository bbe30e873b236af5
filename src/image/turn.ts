import { isSideways, type Orientation } from './orientation.js';

/** Anything with rows of pixels. */
interface Plane {
  data: Uint8Array | Uint16Array;
  width: number;
  height: number;
  channels?: number;
}

/**
 * A picture turned as its EXIF orientation asks, so that it is upright.
 *
 * @returns the same object where there is nothing to turn
 * @source Exif 2.32, 4.6.4; Pillow's ImageOps.exif_transpose gives the same
 */
export function turnUpright<P extends Plane>(plane: P, orientation: Orientation): P {
  if (orientation === 1) return plane;
  const { data, width, height, channels = 1 } = plane;
  const sideways = isSideways(orientation);
  const [wide, high] = sideways ? [height, width] : [width, height];
  const flipsX = [2, 3, 7, 8].includes(orientation);
  const flipsY = [3, 4, 6, 7].includes(orientation);
  // Steps in the stored picture for a step to the right and a step down in the upright one.
  const [column, row] = [flipsX ? -1 : 1, flipsY ? -width : width];
  const [right, down] = sideways ? [row, column] : [column, row];
  const start = (flipsX ? width - 1 : 0) + (flipsY ? (height - 1) * width : 0);
  const turned = new (data.constructor as new (length: number) => typeof data)(data.length);
  for (let y = 0, to = 0; y < high; y++) {
    for (let x = 0, from = (start + y * down) * channels; x < wide; x++, from += right * channels)
      for (let c = 0; c < channels; c++) turned[to++] = data[from + c]!;
  }
  return { ...plane, data: turned, width: wide, height: high };
}

/** Width and height of a stored picture once it is upright. */
export function uprightSize<S extends { width: number; height: number }>(size: S, orientation: Orientation): S {
  return isSideways(orientation) ? { ...size, width: size.height, height: size.width } : size;
}
