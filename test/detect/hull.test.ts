import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { convexHull, cornersOf, leastRectangle, type Point } from '../../src/detect/hull.js';
import { regionsOf } from '../../src/detect/regions.js';

const random = new Random(5);
const cloud = (count: number): Point[] =>
  Array.from({ length: count }, (): Point => [Math.floor(random.next() * 30), Math.floor(random.next() * 20)]);

/** The least area of a rectangle around points over fine steps of the angle. */
function leastArea(points: readonly Point[]): number {
  let best = Infinity;
  for (let step = 0; step < 3600; step++) {
    const angle = (step / 3600) * (Math.PI / 2);
    const along = points.map(([x, y]) => x * Math.cos(angle) + y * Math.sin(angle));
    const across = points.map(([x, y]) => y * Math.cos(angle) - x * Math.sin(angle));
    best = Math.min(best, (Math.max(...along) - Math.min(...along)) * (Math.max(...across) - Math.min(...across)));
  }
  return best;
}

describe('detect: hulls and rectangles around points', () => {
  it('have every point inside, and their corners among the points', () => {
    for (let round = 0; round < 30; round++) {
      const points = cloud(3 + round);
      const hull = convexHull(points);
      for (const corner of hull) expect(points.some(([x, y]) => x === corner[0] && y === corner[1])).to.equal(true);
      hull.forEach(([ax, ay], i) => {
        const [bx, by] = hull[(i + 1) % hull.length]!;
        for (const [x, y] of points) expect((bx - ax) * (y - ay) - (by - ay) * (x - ax)).to.be.at.least(0);
      });
    }
  });

  it('have the least area that any angle gives, and the points between their corners', () => {
    for (let round = 0; round < 20; round++) {
      const points = cloud(4 + round);
      const rectangle = leastRectangle(points);
      expect(rectangle.width * rectangle.height).to.be.at.most(leastArea(points) + 1e-9);
      const corners = cornersOf(rectangle);
      corners.forEach(([ax, ay], i) => {
        const [bx, by] = corners[(i + 1) % 4]!;
        for (const [x, y] of points) expect((bx - ax) * (y - ay) - (by - ay) * (x - ax)).to.be.at.least(-1e-6);
      });
    }
  });

  it('are a point of one point, a side of a line', () => {
    expect(leastRectangle([[3, 4], [3, 4]])).to.include({ width: 0, height: 0 }); // prettier-ignore
    const { width, height } = leastRectangle([[0, 0], [1, 1], [3, 3]]); // prettier-ignore
    expect(width).to.be.closeTo(Math.hypot(3, 3), 1e-12);
    expect(height).to.be.closeTo(0, 1e-12);
  });

  it('corners begin with the upper of the two at the left', () => {
    const points: Point[] = [[0, 0], [10, 0], [10, 4], [0, 4]]; // prettier-ignore
    expect(cornersOf(leastRectangle(points))).to.deep.equal(points);
  });
});

describe('detect: regions of a mask', () => {
  it('hang together by sides and corners, with the ends of each row', () => {
    const rows = ['##..#', '..#..', '#...#', '#...#'];
    const mask = Uint8Array.from(rows.join(''), (sign) => (sign === '#' ? 1 : 0));
    const regions = regionsOf(mask, 5, 4).map(({ ends }) => ends.map(String).sort());
    expect(regions).to.deep.equal([['0,0', '1,0', '2,1'], ['4,0'], ['0,2', '0,3'], ['4,2', '4,3']]);
  });
});
