import { expect } from 'chai';
import { takeDetections, takeInstances, taughtRows, type Instances } from '../../src/detect/instances.js';
import { encodeMask } from '../../src/detect/rle.js';

const SIZE = { width: 4, height: 2 };
const mask = (first: number): ReturnType<typeof encodeMask> =>
  encodeMask(
    Array.from({ length: 8 }, (_, i) => Number(i >= first)),
    SIZE,
  );
const given: Instances = {
  ...SIZE,
  boxes: Float64Array.of(0, 0, 2, 2, 1, 0, 2, 1, 1, 1, 0, 1, 0, 1, 3, 0),
  classes: Int32Array.of(1, 2, 1, 3),
  crowd: Uint8Array.of(0, 1, 0, 0),
  areas: Float64Array.of(4, 2, 0, 0),
  ids: Float64Array.of(5, 6, 7, 8),
  masks: [0, 1, 2, 3].map(mask),
};

describe('detect: objects', () => {
  it('crowds and boxes without a side do not teach', () => {
    expect(taughtRows(given)).to.deep.equal([0]);
  });

  it('some of the objects, in another order', () => {
    expect(takeInstances(given, [3, 0])).to.deep.equal({
      ...SIZE,
      boxes: Float64Array.of(0, 1, 3, 0, 0, 0, 2, 2),
      classes: Int32Array.of(3, 1),
      crowd: Uint8Array.of(0, 0),
      areas: Float64Array.of(0, 4),
      ids: Float64Array.of(8, 5),
      masks: [mask(3), mask(0)],
    });
  });

  it('some of what was found, with or without masks and areas', () => {
    const found = { ...SIZE, boxes: given.boxes, scores: Float64Array.of(0.1, 0.2, 0.3, 0.4), classes: given.classes };
    const taken = {
      ...SIZE,
      boxes: Float64Array.of(1, 1, 0, 1),
      scores: Float64Array.of(0.3),
      classes: Int32Array.of(1),
    };
    expect(takeDetections(found, [2])).to.deep.equal(taken);
    const { areas, masks } = given;
    const more = { ...taken, areas: Float64Array.of(0), masks: [mask(2)] };
    expect(takeDetections({ ...found, areas, masks: masks! }, [2])).to.deep.equal(more);
  });
});
