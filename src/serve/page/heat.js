import { canvasOf, drawingOf } from './dom.js';

/**
 * A number for each place of a picture.
 *
 * @typedef {object} HeatMap
 * @property {ArrayLike<number>} values row by row
 * @property {number} width
 * @property {number} height
 */

/** Colours from the lowest to the highest number: dark ones are low on every background. */
const STOPS = [
  [10, 8, 40],
  [80, 20, 110],
  [185, 50, 90],
  [245, 130, 30],
  [255, 245, 180],
];

/**
 * A heat map in colours, as large as it is.
 *
 * @param {HeatMap} map
 * @param {{ low: number, high: number }} range what the first and the last colour stand for
 */
export function paintHeat({ values, width, height }, { low, high }) {
  const canvas = canvasOf({ width, height });
  const image = new ImageData(width, height);
  const scale = high > low ? (STOPS.length - 1) / (high - low) : 0;
  for (let i = 0; i < width * height; i++) {
    const at = Math.min(STOPS.length - 1, Math.max(0, ((values[i] ?? 0) - low) * scale));
    const [from, to] = [STOPS[Math.floor(at)] ?? [], STOPS[Math.ceil(at)] ?? []];
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = (from[c] ?? 0) + ((to[c] ?? 0) - (from[c] ?? 0)) * (at % 1);
    image.data[4 * i + 3] = 255;
  }
  drawingOf(canvas).putImageData(image, 0, 0);
  return canvas;
}

/**
 * The smallest and the largest number.
 *
 * @param {ArrayLike<number>} values
 */
export function rangeOf(values) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i] ?? 0);
    high = Math.max(high, values[i] ?? 0);
  }
  return { low, high };
}

/**
 * The part of a map that shows the picture, in the map's own places: of a picture that was fitted into another shape there are borders around it.
 *
 * @param {import('./networks.js').NetworkInput | undefined} input
 * @param {{ width: number, height: number }} picture
 * @param {{ width: number, height: number }} map
 * @returns {{ x: number, y: number, width: number, height: number }}
 */
export function seenPart(input, picture, map) {
  const { size, fit } = input ?? {};
  if (!size || fit === 'stretch') return { x: 0, y: 0, width: map.width, height: map.height };
  const scale = Math.min(size.width / picture.width, size.height / picture.height);
  const [width, height] = [
    (picture.width * scale * map.width) / size.width,
    (picture.height * scale * map.height) / size.height,
  ];
  if (fit === 'corner') return { x: 0, y: 0, width, height };
  return { x: (map.width - width) / 2, y: (map.height - height) / 2, width, height };
}
