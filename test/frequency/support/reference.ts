/** Value at a pixel of the orthonormal DCT-II's basis image of a coefficient, in double precision. */
export function basis(
  [v, u]: readonly number[],
  [y, x]: readonly number[],
  [height, width]: readonly number[],
): number {
  const cosine = (k: number, n: number, size: number): number =>
    Math.sqrt((k === 0 ? 1 : 2) / size) * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * size));
  return cosine(v!, y!, height!) * cosine(u!, x!, width!);
}

/** A coefficient of one channel of an image `[height, width, 3]`. */
export function coefficientOf(
  image: ArrayLike<number>,
  [height, width]: readonly [number, number],
  channel: number,
  at: readonly [number, number],
): number {
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      sum += image[(y * width + x) * 3 + channel]! * basis(at, [y, x], [height, width]);
    }
  }
  return sum;
}

/** The image with one coefficient of one channel changed by `amount`. */
export function withCoefficient(
  image: ArrayLike<number>,
  [height, width]: readonly [number, number],
  channel: number,
  at: readonly [number, number],
  amount: number,
): Float32Array {
  return Float32Array.from(image, (value, i) => {
    if (i % 3 !== channel) return value;
    const pixel = (i - channel) / 3;
    return value + amount * basis(at, [Math.floor(pixel / width), pixel % width], [height, width]);
  });
}
