import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { GearnnError } from '../../src/common/errors.js';
import { Random } from '../../src/common/random.js';
import { polygonArea, rleFromPolygons } from '../../src/detect/polygon.js';
import { rleIou } from '../../src/detect/rle-overlap.js';
import { rleFromCounts, rleFromText, rleToText } from '../../src/detect/rle-text.js';
import { decodeMask, encodeMask, mergeRles, rleArea, rleBox } from '../../src/detect/rle.js';
import { requireTool } from '../support/tools.js';

const [WIDTH, HEIGHT] = [37, 23];
const SIZE = { width: WIDTH, height: HEIGHT };

/** Outlines, some of them partly or wholly outside, with corners on and between pixels. */
function randomPolygons(count: number): number[][][] {
  const random = new Random(22);
  const corner = (): number[] => {
    const fine = random.integer(3) === 0 ? 1 : 7;
    return [random.integer(60 * fine) / fine - 10, random.integer(40 * fine) / fine - 8];
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.integer(3) }, () => Array.from({ length: 3 + random.integer(6) }, corner).flat()),
  );
}

function randomMasks(count: number): Uint8Array[] {
  const random = new Random(7);
  return Array.from({ length: count }, (_, i) => {
    const [x, y, w, h] = [random.integer(WIDTH), random.integer(HEIGHT), random.integer(20), random.integer(16)];
    return Uint8Array.from({ length: WIDTH * HEIGHT }, (__, at) => {
      const [column, row] = [at % WIDTH, Math.floor(at / WIDTH)];
      const inside = column >= x && column < x + w && row >= y && row < y + h;
      return i === 0 ? 0 : i === 1 ? 1 : Number(inside !== random.integer(9) < 1);
    });
  });
}

function python<Answer>(test: Mocha.Context, input: unknown, program: string): Answer {
  const given = JSON.stringify(input);
  const head =
    'import json, sys; import numpy as np; from pycocotools import mask as m; given = json.load(sys.stdin)\n';
  const text = execFileSync(requireTool(test, 'pycocotools'), ['-c', head + program], {
    input: given,
    encoding: 'utf8',
  });
  return JSON.parse(text) as Answer;
}

describe('detect: run lengths', () => {
  it("texts, areas and boxes of masks are pycocotools', and read back they are the masks", function () {
    const masks = randomMasks(60);
    const program = `
masks = [np.asfortranarray(np.array(v, np.uint8).reshape(${HEIGHT}, ${WIDTH})) for v in given]
rles = [m.encode(v) for v in masks]
print(json.dumps([[r['counts'].decode(), int(m.area(r)), m.toBbox(r).tolist()] for r in rles]))`;
    const input = masks.map((mask) => [...mask]);
    const expected = python<[string, number, number[]][]>(this, input, program);
    masks.forEach((mask, i) => {
      const rle = encodeMask(mask, SIZE);
      expect([rleToText(rle), rleArea(rle), rleBox(rle)]).to.deep.equal(expected[i]);
      expect(decodeMask(rleFromText(expected[i]![0], SIZE, 'mask'))).to.deep.equal(mask);
      expect(rleFromCounts([...rle.counts], SIZE, 'mask')).to.deep.equal(rle);
    });
  });

  it("polygons enclose pycocotools' pixels", function () {
    const all = randomPolygons(300);
    const program = `
print(json.dumps([m.merge(m.frPyObjects(p, ${HEIGHT}, ${WIDTH}))['counts'].decode() for p in given]))`;
    const expected = python<string[]>(this, all, program);
    expect(all.map((polygons) => rleToText(rleFromPolygons(polygons, SIZE, 'mask')))).to.deep.equal(expected);
  });

  it("overlaps and crowds are pycocotools', to the bit; so is what masks share", function () {
    const masks = randomMasks(24);
    const crowd = masks.map((_, i) => i % 3 === 0);
    const program = `
masks = [np.asfortranarray(np.array(v, np.uint8).reshape(${HEIGHT}, ${WIDTH})) for v in given['masks']]
rles = [m.encode(v) for v in masks]
print(json.dumps([m.iou(rles, rles, given['crowd']).flatten().tolist(),
  [m.merge(rles[i:i + 3], intersect=True)['counts'].decode() for i in range(2, 20)],
  [m.merge(rles[i:i + 3])['counts'].decode() for i in range(2, 20)]]))`;
    const input = { masks: masks.map((mask) => [...mask]), crowd };
    const [overlaps, all, any] = python<[number[], string[], string[]]>(this, input, program);
    const rles = masks.map((mask) => encodeMask(mask, SIZE));
    expect([...rleIou(rles, rles, crowd)]).to.deep.equal(overlaps);
    const merged = (of: 'any' | 'all'): string[] =>
      all.map((_, i) => rleToText(mergeRles(rles.slice(i + 2, i + 5), of)));
    expect(merged('all')).to.deep.equal(all);
    expect(merged('any')).to.deep.equal(any);
  });

  it('masks of pictures of different sizes overlap by -1, as pycocotools says', () => {
    const [a, b] = [encodeMask([1, 1, 1, 1], { width: 2, height: 2 }), encodeMask([1, 1], { width: 2, height: 1 })];
    expect([...rleIou([a], [b], [false])]).to.deep.equal([-1]);
  });

  it('areas of outlines by their corners', () => {
    expect(polygonArea([0, 0, 4, 0, 4, 3, 0, 3])).to.equal(12);
    expect(polygonArea([0, 0, 2, 2, 5, 5])).to.equal(0);
  });

  const wrong: [string, () => unknown][] = [
    ['a text with another character', () => rleFromText('0 1', SIZE, 'mask')],
    ['a text that ends within a number', () => rleFromText('Z', SIZE, 'mask')],
    ['a number of too many groups', () => rleFromText('ooooooooo0', SIZE, 'mask')],
    ['runs of another size', () => rleFromCounts([4, 4], SIZE, 'mask')],
    ['a negative run', () => rleFromCounts([-4, WIDTH * HEIGHT + 4], SIZE, 'mask')],
    ['no outline', () => rleFromPolygons([], SIZE, 'mask')],
    ['two corners', () => rleFromPolygons([[1, 2, 3, 4]], SIZE, 'mask')],
    ['an odd number of numbers', () => rleFromPolygons([[1, 2, 3, 4, 5, 6, 7]], SIZE, 'mask')],
    ['a coordinate that is none', () => rleFromPolygons([[1, 2, 3, 4, 5, NaN]], SIZE, 'mask')],
    ['a coordinate that no picture has', () => rleFromPolygons([[1, 2, 3, 4, 5, 1e12]], SIZE, 'mask')],
  ];
  for (const [what, read] of wrong) {
    it(`${what} is refused`, () => {
      expect(read).to.throw(GearnnError, 'mask').with.property('code', 'E_DATA_MASK');
    });
  }
});
