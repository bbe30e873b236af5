import { drawLayer } from './canvas.js';
import { byId } from './dom.js';

/** @typedef {import('./networks.js').Answer} Answer */
/** @typedef {import('./networks.js').FoundBox} FoundBox */

/** Overlap from which on two boxes of a class are the same thing. */
const LEAST = 0.5;

/**
 * How far an answer is that of the clean image: F1 of the boxes that both have, by class and an overlap of half.
 *
 * @param {Answer} answer
 * @param {Answer} clean
 * @returns {import('./round.js').Score}
 */
export function compareBoxes({ boxes }, { boxes: wanted }) {
  const left = new Set(wanted);
  let both = 0;
  for (const one of boxes) {
    const others = [...left].filter((other) => other.class === one.class && overlap(one, other) >= LEAST);
    const best = others.sort((a, b) => overlap(one, b) - overlap(one, a))[0];
    if (!best) continue;
    left.delete(best);
    both++;
  }
  const all = boxes.length + wanted.length;
  const found = `${both} of ${wanted.length}`;
  const more = boxes.length - both;
  return {
    agreement: all === 0 ? 1 : (2 * both) / all,
    note: `${found} boxes${more > 0 ? `, ${more} others` : ''}`,
    spoken: `finds ${found} boxes`,
  };
}

/**
 * Intersection over union; of boxes that cover nothing, whether they are the same.
 *
 * @param {FoundBox} a
 * @param {FoundBox} b
 */
function overlap({ box: [ax0, ay0, ax1, ay1] }, { box: [bx0, by0, bx1, by1] }) {
  const [width, height] = [Math.min(ax1, bx1) - Math.max(ax0, bx0), Math.min(ay1, by1) - Math.max(ay0, by0)];
  const shared = Math.max(0, width) * Math.max(0, height);
  const all = (ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - shared;
  if (all > 0) return shared / all;
  return ax0 === bx0 && ay0 === by0 && ax1 === bx1 && ay1 === by1 ? 1 : 0;
}

/**
 * Draws the boxes of both, with the masks of objects, and of the original on the clean image.
 *
 * @param {import('./round.js').Round} round
 */
export function drawBoxes({ network, picture, original, adapted, reference, ...scores }) {
  for (const [id, boxes, note] of /** @type {const} */ ([
    ['original', original.boxes, scores.originalScore.note],
    ['adapted', adapted.boxes, scores.adaptedScore.note],
    ['reference', reference.boxes, ''],
  ])) {
    const drawing = drawLayer(id, original, picture);
    // The surest lie on top.
    for (const one of [...boxes].reverse()) {
      const color = network.classes[one.class]?.color ?? [0, 0, 0];
      fillMask(drawing, one, color);
      drawBox(drawing, one, color);
    }
    const label = note === '' ? 'Boxes that both are compared with' : `Boxes of the ${id} network, ${note}`;
    byId(id, HTMLElement).setAttribute('aria-label', label);
  }
}

/**
 * @param {CanvasRenderingContext2D} drawing
 * @param {FoundBox} box
 * @param {readonly number[]} color
 */
function fillMask(drawing, { segmentation = [] }, color) {
  drawing.fillStyle = `rgb(${color.join(' ')} / 50%)`;
  drawing.beginPath();
  for (const corners of segmentation) {
    for (let i = 0; i < corners.length; i += 2) drawing.lineTo(corners[i] ?? 0, corners[i + 1] ?? 0);
    drawing.closePath();
  }
  drawing.fill();
}

/**
 * @param {CanvasRenderingContext2D} drawing
 * @param {FoundBox} box
 * @param {readonly number[]} color
 */
function drawBox(drawing, { box: [x0, y0, x1, y1], corners, label, score }, color) {
  const text = `${label} ${score.toFixed(2)}`;
  const { width, height } = drawing.canvas;
  const tall = Math.max(9, Math.round(height / 30));
  drawing.lineWidth = Math.max(1, height / 150);
  drawing.strokeStyle = `rgb(${color.join(' ')})`;
  drawing.beginPath();
  if (corners) for (const [x, y] of corners) drawing.lineTo(x, y);
  else drawing.rect(x0, y0, x1 - x0, y1 - y0);
  drawing.closePath();
  drawing.stroke();
  drawing.font = `${tall}px sans-serif`;
  drawing.textBaseline = 'top';
  const wide = drawing.measureText(text).width + 4;
  const [x, y] = [Math.max(0, Math.min(x0, width - wide)), y0 >= tall ? y0 - tall : y0];
  drawing.fillStyle = 'rgb(0 0 0 / 65%)';
  drawing.fillRect(x, y, wide, tall);
  drawing.fillStyle = '#fff';
  drawing.fillText(text, x + 2, y);
}
