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
  drawLayer(id, { width, height }, picture, mask, opacity);
}

/**
 * As {@link draw}, with a layer of any size, of which a part is brought to the picture's.
 *
 * @param {string} id
 * @param {{ width: number, height: number }} size
 * @param {ImageBitmap} picture
 * @param {ImageData | HTMLCanvasElement} [layer]
 * @param {number} [opacity]
 * @param {{ x: number, y: number, width: number, height: number }} [part] of the layer. Default: all of it
 * @returns {CanvasRenderingContext2D} where more can be drawn
 */
export function drawLayer(id, { width, height }, picture, layer, opacity = 1, part) {
  const canvas = byId(id, HTMLCanvasElement);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const drawing = drawingOf(canvas);
  drawing.globalAlpha = 1;
  drawing.drawImage(picture, 0, 0, width, height);
  if (!layer) return drawing;
  const all = part ?? { x: 0, y: 0, width: layer.width, height: layer.height };
  drawing.globalAlpha = opacity;
  drawing.drawImage(canvasWith(layer), all.x, all.y, all.width, all.height, 0, 0, width, height);
  drawing.globalAlpha = 1;
  return drawing;
}

/** @param {ImageData | HTMLCanvasElement} layer */
function canvasWith(layer) {
  if (layer instanceof HTMLCanvasElement) return layer;
  const canvas = canvasOf(layer);
  drawingOf(canvas).putImageData(layer, 0, 0);
  return canvas;
}
