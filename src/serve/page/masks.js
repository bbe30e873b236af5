import { draw } from './canvas.js';
import { byId, percent } from './dom.js';

/**
 * How masks are shown.
 *
 * @typedef {object} View
 * @property {number} opacity
 * @property {boolean} differences only where answers differ from the clean one
 * @property {'mean' | 'largest'} channels what a heat map shows of an output's channels
 */

/**
 * How far an answer is that of the clean image: the share of equal pixels, and the mean intersection over union of the classes that either has.
 *
 * @param {import('./networks.js').Answer} answer
 * @param {import('./networks.js').Answer} clean its mask is of the same size
 * @returns {import('./round.js').Score}
 */
export function compareMasks({ mask }, { mask: reference }) {
  const [both, either] = [new Float64Array(256), new Float64Array(256)];
  let equal = 0;
  for (let i = 0; i < mask.length; i++) {
    const [a, b] = [mask[i] ?? 0, reference[i] ?? 0];
    either[a] = (either[a] ?? 0) + 1;
    if (a === b) {
      equal++;
      both[a] = (both[a] ?? 0) + 1;
    } else either[b] = (either[b] ?? 0) + 1;
  }
  let sum = 0;
  let classes = 0;
  either.forEach((count, id) => {
    if (count === 0) return;
    sum += (both[id] ?? 0) / count;
    classes++;
  });
  const agreement = equal / mask.length;
  return { agreement, note: `mIoU ${(sum / classes).toFixed(2)}`, spoken: `agrees on ${percent(agreement)}` };
}

/** Pixels that differ from the clean mask. */
const DIFFERENT = [230, 0, 90];

/**
 * A mask in colours, or where it differs from another.
 *
 * @param {import('./networks.js').Answer} answer
 * @param {readonly { color: readonly number[] }[]} classes
 * @param {Uint8Array} [reference] shows only what differs from it
 * @returns {ImageData}
 */
function paint({ mask, width, height }, classes, reference) {
  const image = new ImageData(width, height);
  const { data } = image;
  for (let i = 0; i < mask.length; i++) {
    const id = mask[i] ?? 0;
    if (reference && reference[i] === id) continue;
    const [red = 0, green = 0, blue = 0] = reference ? DIFFERENT : (classes[id]?.color ?? []);
    data.set([red, green, blue, 255], i * 4);
  }
  return image;
}

/**
 * Draws both masks, and the clean one.
 *
 * @param {import('./round.js').Round} round
 * @param {View} view
 */
export function drawMasks({ network, picture, original, adapted, reference, ...scores }, { opacity, differences }) {
  const { classes } = network;
  const clean = differences ? reference.mask : undefined;
  for (const [id, answer, score] of /** @type {const} */ ([
    ['original', original, scores.originalScore],
    ['adapted', adapted, scores.adaptedScore],
  ])) {
    draw(id, answer, picture, paint(answer, classes, clean), differences ? 1 : opacity);
    const label = `Mask of the ${id} network, ${percent(score.agreement)} as the clean one`;
    byId(id, HTMLElement).setAttribute('aria-label', label);
  }
  draw('reference', original, picture, paint({ ...original, mask: reference.mask }, classes), 1);
}
