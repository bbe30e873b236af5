import { byId, canvasOf, drawingOf } from './dom.js';

/**
 * Draws a picture on a canvas of the page, and a mask over it.
 *
 * @param {string} id
 * @param {{ width: number, height: number }} size the canvas'; a picture that was sent smaller is enlarged to it
 * @param {ImageBitmap} picture
 * @param {ImageData} [mask]
 * @param {number} [opacity]
 */
export function draw(id, { width, height }, picture, mask, opacity = 1) {
  const canvas = byId(id, HTMLCanvasElement);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const drawing = drawingOf(canvas);
  drawing.globalAlpha = 1;
  drawing.drawImage(picture, 0, 0, width, height);
  if (!mask) return;
  const layer = canvasOf({ width, height });
  drawingOf(layer).putImageData(mask, 0, 0);
  drawing.globalAlpha = opacity;
  drawing.drawImage(layer, 0, 0);
}
