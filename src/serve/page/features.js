import { drawLayer } from './canvas.js';
import { byId, made, percent } from './dom.js';
import { paintHeat, rangeOf, seenPart } from './heat.js';

/** @typedef {import('./networks.js').Answer} Answer */
/** @typedef {import('./networks.js').Output} Output */

/** Numbers of a vector that are listed. */
const LISTED = 8;

/**
 * How far an answer is that of the clean image: `1 - |y - a| / |a|` of the output that is shown, at least 0.
 *
 * @param {Answer} answer
 * @param {Answer} clean
 * @returns {import('./round.js').Score}
 */
export function compareFeatures({ output }, { output: reference }) {
  let [apart, whole] = [0, 0];
  const wanted = reference?.values ?? [];
  for (let i = 0; i < wanted.length; i++) {
    const value = wanted[i] ?? 0;
    apart += ((output?.values[i] ?? 0) - value) ** 2;
    whole += value ** 2;
  }
  const agreement = apart === 0 ? 1 : Math.max(0, 1 - Math.sqrt(apart / whole));
  return { agreement, note: `[${output?.shape.join(', ') ?? ''}]`, spoken: `agrees on ${percent(agreement)}` };
}

/**
 * Draws the output that is shown: a heat map of one that has places, over all of its channels; the largest numbers of any other.
 *
 * @param {import('./round.js').Round} round
 * @param {import('./masks.js').View} view
 */
export function drawFeatures({ network, picture, original, adapted, reference, ...scores }, { opacity, channels }) {
  const answers = { original, adapted, reference };
  const clean = reference.output && mapOf(reference.output, network.input, channels);
  // One scale for all three, so that they can be compared.
  const range = clean && rangeOf(clean.values);
  const chosen = reference.output ? largestOf(reference.output.values) : [];
  for (const id of /** @type {const} */ (['original', 'adapted', 'reference'])) {
    const { output } = answers[id];
    const list = byId(`${id}-numbers`, HTMLElement);
    [byId(id, HTMLElement).hidden, list.hidden] = [!clean, clean !== undefined];
    if (!output) continue;
    if (clean && range) {
      const map = mapOf(output, network.input, channels) ?? clean;
      const part = seenPart(network.input, original, map);
      drawLayer(id, original, picture, paintHeat(map, range), id === 'reference' ? 1 : opacity, part);
      const score = id === 'original' ? scores.originalScore : scores.adaptedScore;
      const label = id === 'reference' ? 'Heat map that both are compared with' : `Heat map of the ${id} network, ${percent(score.agreement)} as the clean one`; // prettier-ignore
      byId(id, HTMLElement).setAttribute('aria-label', label);
    } else list.replaceChildren(...chosen.map((i) => entryOf(i, output.values[i] ?? 0)));
  }
}

/**
 * An output with places as one number for each: the mean of its channels, or the largest.
 *
 * @param {Output} output
 * @param {import('./networks.js').NetworkInput | undefined} input
 * @param {'mean' | 'largest'} channels
 * @returns {import('./heat.js').HeatMap | undefined} none of an output without places
 */
export function mapOf({ shape, values }, input, channels) {
  if (shape.length !== 4) return undefined;
  const [, a = 1, b = 1, c = 1] = shape;
  const isLast = input?.layout === 'nhwc';
  const [count, height, width] = isLast ? [c, a, b] : [a, b, c];
  if (height * width === 1) return undefined;
  const map = new Float32Array(height * width);
  for (let i = 0; i < map.length; i++) {
    let [sum, most] = [0, -Infinity];
    for (let k = 0; k < count; k++) {
      const value = values[isLast ? i * count + k : k * map.length + i] ?? 0;
      sum += value;
      most = Math.max(most, value);
    }
    map[i] = channels === 'mean' ? sum / count : most;
  }
  return { values: map, width, height };
}

/**
 * Places of the numbers that are the farthest from 0, in their order.
 *
 * @param {Float32Array | Int32Array} values
 */
function largestOf(values) {
  const order = Array.from(values.keys()).sort((a, b) => Math.abs(values[b] ?? 0) - Math.abs(values[a] ?? 0));
  return order.slice(0, LISTED).sort((a, b) => a - b);
}

/**
 * @param {number} place
 * @param {number} value
 */
function entryOf(place, value) {
  const item = document.createElement('li');
  item.append(made('span', String(place)), made('span', value.toPrecision(4)));
  return item;
}
