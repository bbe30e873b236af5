import { drawLayer } from './canvas.js';
import { byId, percent } from './dom.js';
import { paintHeat } from './heat.js';

/** From this probability on, of 255, a pixel is foreground. */
const THRESHOLD = 127.5;

/**
 * How far an answer is that of the clean image: the intersection of what both take for foreground in terms of its union.
 *
 * @param {import('./networks.js').Answer} answer
 * @param {import('./networks.js').Answer} clean of the same size
 * @returns {import('./round.js').Score}
 */
export function compareForeground({ foreground }, { foreground: reference }) {
  let [both, either, apart] = [0, 0, 0];
  for (let i = 0; i < foreground.length; i++) {
    const [a, b] = [foreground[i] ?? 0, reference[i] ?? 0];
    if (a > THRESHOLD && b > THRESHOLD) both++;
    if (a > THRESHOLD || b > THRESHOLD) either++;
    apart += Math.abs(a - b);
  }
  const agreement = either === 0 ? 1 : both / either;
  const mean = apart / 255 / foreground.length;
  return { agreement, note: `mean difference ${mean.toFixed(3)}`, spoken: `agrees on ${percent(agreement)}` };
}

/** Pixels that are foreground in one answer alone. */
const DIFFERENT = [230, 0, 90];

/**
 * Draws how likely every pixel is foreground, and where an answer takes another side than the clean one.
 *
 * @param {import('./round.js').Round} round
 * @param {import('./masks.js').View} view
 */
export function drawForeground({ picture, original, adapted, reference, ...scores }, { opacity, differences }) {
  for (const [id, answer, score] of /** @type {const} */ ([
    ['original', original, scores.originalScore],
    ['adapted', adapted, scores.adaptedScore],
  ])) {
    const layer = differences ? differing(answer, reference) : paintedOf(answer);
    drawLayer(id, answer, picture, layer, differences ? 1 : opacity);
    const label = `What the ${id} network takes for foreground, ${percent(score.agreement)} as the clean answer`;
    byId(id, HTMLElement).setAttribute('aria-label', label);
  }
  drawLayer('reference', original, picture, paintedOf({ ...original, foreground: reference.foreground }), 1);
}

/** @param {import('./networks.js').Answer} answer */
function paintedOf({ foreground: values, width, height }) {
  return paintHeat({ values, width, height }, { low: 0, high: 255 });
}

/**
 * @param {import('./networks.js').Answer} answer
 * @param {import('./networks.js').Answer} reference
 */
function differing({ foreground, width, height }, reference) {
  const image = new ImageData(width, height);
  for (let i = 0; i < foreground.length; i++) {
    const isSame = (foreground[i] ?? 0) > THRESHOLD === (reference.foreground[i] ?? 0) > THRESHOLD;
    if (!isSame) image.data.set([...DIFFERENT, 255], i * 4);
  }
  return image;
}
