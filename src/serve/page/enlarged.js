/** @typedef {import('./networks.js').Answer} Answer */
/** @typedef {{ width: number, height: number }} Size */

/**
 * An answer with what it says of places at another size: that of a picture that was sent smaller, over all pixels of the image.
 *
 * @param {Answer} answer
 * @param {Size} size
 * @returns {Answer}
 */
export function enlarged(answer, { width, height }) {
  if (answer.width === width && answer.height === height) return answer;
  const [across, down] = [width / answer.width, height / answer.height];
  return {
    ...answer,
    mask: nearest(answer.mask, answer, { width, height }),
    foreground: nearest(answer.foreground, answer, { width, height }),
    boxes: answer.boxes.map(({ box: [x0, y0, x1, y1], ...rest }) => ({
      ...rest,
      box: /** @type {const} */ ([x0 * across, y0 * down, x1 * across, y1 * down]),
    })),
    width,
    height,
  };
}

/**
 * A byte per pixel at another size, by nearest neighbour.
 *
 * @param {Uint8Array} values
 * @param {Size} from
 * @param {Size} to
 */
function nearest(values, from, { width, height }) {
  if (values.length === 0) return values;
  const larger = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / height) * from.width;
    for (let x = 0; x < width; x++)
      larger[y * width + x] = values[row + Math.floor(((x + 0.5) * from.width) / width)] ?? 0;
  }
  return larger;
}
