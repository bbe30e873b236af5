import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { polygonsFromRle } from '../../src/detect/outline.js';
import { rleFromPolygons } from '../../src/detect/polygon.js';
import { decodeMask, encodeMask } from '../../src/detect/rle.js';

/** A mask drawn with `#`. */
function maskOf(...rows: string[]) {
  const size = { width: rows[0]!.length, height: rows.length };
  return encodeMask([...rows.join('')].map((sign) => Number(sign === '#')), size); // prettier-ignore
}

/** The mask with its holes filled: what cannot be reached from outside by sides and corners. */
function filled(mask: Uint8Array, width: number, height: number): Uint8Array {
  const outside = new Uint8Array((width + 2) * (height + 2));
  const waiting = [0];
  while (waiting.length > 0) {
    const at = waiting.pop()!;
    const [x, y] = [at % (width + 2), Math.floor(at / (width + 2))];
    if (x < 0 || y < 0 || x >= width + 2 || y >= height + 2 || outside[at]) continue;
    if (x > 0 && y > 0 && x <= width && y <= height && mask[(y - 1) * width + x - 1]) continue;
    outside[at] = 1;
    for (const [right, down] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ] as const) {
      // prettier-ignore
      const [nextX, nextY] = [x + right, y + down];
      if (nextX >= 0 && nextY >= 0 && nextX < width + 2 && nextY < height + 2)
        waiting.push(nextY * (width + 2) + nextX);
    }
  }
  return mask.map((_, i) => 1 - outside[(Math.floor(i / width) + 1) * (width + 2) + (i % width) + 1]!);
}

describe('detect: outlines of masks', () => {
  it('go around pixels, clockwise', () => {
    expect(polygonsFromRle(maskOf('....', '.##.', '.#..'))).to.deep.equal([[3, 1, 3, 2, 2, 2, 2, 3, 1, 3, 1, 1]]);
  });

  it('are one for each part; those that touch at a corner are two', () => {
    expect(polygonsFromRle(maskOf('#.', '.#'))).to.deep.equal([
      [1, 0, 1, 1, 0, 1, 0, 0],
      [2, 1, 2, 2, 1, 2, 1, 1],
    ]);
  });

  it('have no holes, and of nothing there are none', () => {
    expect(polygonsFromRle(maskOf('###', '#.#', '###'))).to.deep.equal([[3, 0, 3, 3, 0, 3, 0, 0]]);
    expect(polygonsFromRle(maskOf('..', '..'))).to.deep.equal([]);
  });

  it('make the same mask again, holes filled, of 200 random ones', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = Random.of(seed, 'outlines');
      const [width, height] = [1 + random.integer(9), 1 + random.integer(9)];
      const mask = Uint8Array.from({ length: width * height }, () => Number(random.next() < 0.6));
      const polygons = polygonsFromRle(encodeMask(mask, { width, height }));
      const again =
        polygons.length === 0 ? mask.map(() => 0) : decodeMask(rleFromPolygons(polygons, { width, height }, 'test'));
      expect([...again], `seed ${seed}`).to.deep.equal([...filled(mask, width, height)]);
    }
  });
});
