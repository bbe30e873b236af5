import { byId, canvasOf, drawingOf, write } from './dom.js';
import { paint } from './masks.js';

/** @typedef {import('./round.js').Round} Round */

/** How masks are shown. @typedef {{ opacity: number, differences: boolean }} View */

/**
 * Draws the images of a round.
 *
 * @param {Round} round
 * @param {View} view
 */
export function drawPanels({ network, picture, original, adapted, reference }, { opacity, differences }) {
  const { classes } = network;
  const clean = differences ? reference : undefined;
  draw('sent', original, picture);
  draw('original', original, picture, paint(original, classes, clean), differences ? 1 : opacity);
  draw('adapted', adapted, picture, paint(adapted, classes, clean), differences ? 1 : opacity);
  draw('reference', original, picture, paint({ ...original, mask: reference }, classes), 1);
}

/**
 * @param {string} id
 * @param {{ width: number, height: number }} size the masks'; a picture that was sent smaller is enlarged to it
 * @param {ImageBitmap} picture
 * @param {ImageData} [mask]
 * @param {number} [opacity]
 */
function draw(id, { width, height }, picture, mask, opacity = 1) {
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

/**
 * Writes the figures of a round.
 *
 * @param {Round} round
 */
export function writeFigures({ asked, sent, picture, original, adapted, originalScore, adaptedScore }) {
  const kind = sent.type.replace('image/', '').toUpperCase();
  const smaller = picture.width === original.width ? '' : `, ${picture.width} × ${picture.height}`;
  write('sent-note', `${kind}, ${(sent.size / 1024).toFixed(1)} KB${smaller}`);
  writeScore('original', originalScore);
  writeScore('adapted', adaptedScore);
  write('original-level', 'clean, whatever comes');
  write('original-latency', latency(original));
  write('adapted-level', `${adapted.level} (${howOf(adapted, asked)})`);
  write('adapted-confidence', adapted.source === 'none' ? 'nothing to go by' : percent(adapted.confidence));
  write('adapted-latency', latency(adapted));
}

/**
 * What has to be known of the image: where it came compressed, its clean mask is not known.
 *
 * @param {Round} round
 */
export function noteOn({ asked, adapted }) {
  if (asked !== 'clean' || adapted.source !== 'detected' || adapted.level === 'clean') return '';
  return `. It is compressed as it is (${seenOf(adapted)}), so “clean” means the file as it is.`;
}

/**
 * The same in one sentence, for those who hear the page.
 *
 * @param {Round} round
 * @returns {string}
 */
export function sentenceOf({ asked, adapted, originalScore, adaptedScore }) {
  const scores = `the original agrees on ${percent(originalScore.agreement)}, the adapted on ${percent(adaptedScore.agreement)}`;
  return `At ${asked} ${scores}, with the adaptor ${adapted.level}.`;
}

/**
 * @param {string} id
 * @param {{ agreement: number, miou: number }} score
 */
function writeScore(id, { agreement, miou }) {
  write(`${id}-agreement`, percent(agreement));
  write(`${id}-miou`, `mIoU ${miou.toFixed(2)}`);
  byId(`${id}-bar`, HTMLElement).style.width = `${100 * agreement}%`;
  byId(id, HTMLElement).setAttribute('aria-label', `Mask of the ${id} network, ${percent(agreement)} as the clean one`);
}

/** @param {import('./networks.js').Answer} answer */
function latency({ computing, roundTrip }) {
  return `${roundTrip.toFixed(0)} ms, of which ${computing.toFixed(0)} ms computing`;
}

/**
 * @param {import('./networks.js').Answer} answer
 * @param {string} asked
 */
function howOf(answer, asked) {
  if (answer.source === 'stated') return `stated as ${asked}`;
  if (answer.source === 'none') return 'no compression found';
  return `${answer.source}, read ${seenOf(answer) || 'nothing'}`;
}

/** @param {import('./networks.js').Answer} answer */
function seenOf({ seen }) {
  return Object.entries(seen)
    .map(([kind, value]) => `${kind}=${value}`)
    .join(', ');
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}
