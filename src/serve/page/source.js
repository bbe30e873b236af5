import { call } from './api.js';
import { canvasOf, drawingOf } from './dom.js';
import { orientationOf } from './exif.js';

/**
 * An image to try networks with.
 *
 * @typedef {object} Source
 * @property {Blob} blob JPEG, PNG or WebP
 * @property {number} width
 * @property {number} height
 * @property {string} note what to say about it
 * @property {Map<string, import('./networks.js').Answer>} references the original's answer for it, by network and output; filled as they are asked for
 */

/** Longest side of what is sent: larger images make the sliders sluggish. */
export const LONGEST = 512;

/** How many `/samples/N.png` there are. */
export const SAMPLES = 4;

/**
 * @param {number} index
 * @param {string} model the network whose size it is drawn for
 * @returns {Promise<Blob>}
 */
export async function loadSample(index, model) {
  return (await call(`/samples/${index}.png?${new URLSearchParams({ model })}`)).blob();
}

/**
 * A file as it is where the server reads it and it is small; otherwise a smaller PNG of it.
 *
 * @param {Blob} file
 * @param {string} name
 * @returns {Promise<Source>}
 * @throws {Error} where the browser cannot read it
 */
export async function sourceOf(file, name) {
  const upright = await createImageBitmap(file).catch(() => {
    throw new Error(`${name} is no image that this browser can read.`);
  });
  const { width, height } = upright;
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  if (scale === 1 && /^image\/(jpeg|png|webp)$/.test(file.type) && orientationOf(await file.arrayBuffer()) === 1)
    return { blob: file, width, height, note: `${name}, ${width} × ${height}`, references: new Map() };
  const source = await pngOf(upright, Math.round(width * scale) || 1, Math.round(height * scale) || 1);
  const size = scale === 1 ? 'sent as PNG' : `sent at ${source.width} × ${source.height}`;
  return { ...source, note: `${name}, ${width} × ${height}, ${size}` };
}

/**
 * @param {CanvasImageSource} picture
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Source>}
 */
export async function pngOf(picture, width, height) {
  const canvas = canvasOf({ width, height });
  const drawing = drawingOf(canvas);
  drawing.imageSmoothingQuality = 'high';
  drawing.drawImage(picture, 0, 0, width, height);
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('This browser cannot encode the image.');
  return { blob, width, height, note: '', references: new Map() };
}
