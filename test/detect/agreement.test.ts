import { expect } from 'chai';
import { boxAgreement, commonBoxes } from '../../src/detect/agreement.js';
import { mapScoredBoxes, type ScoredBoxes } from '../../src/detect/scored-boxes.js';

/** Boxes by corners, score and class. */
function found(...rows: [x0: number, y0: number, x1: number, y1: number, score: number, id: number][]): ScoredBoxes {
  return {
    boxes: Float32Array.from(rows.flatMap((row) => row.slice(0, 4))),
    scores: Float32Array.from(rows, (row) => row[4]),
    classes: Uint16Array.from(rows, (row) => row[5]),
  };
}

describe('detect: agreement of boxes', () => {
  const wanted = found([0, 0, 10, 10, 0.9, 1], [20, 0, 30, 10, 0.8, 1]);

  it('counts boxes of the same class that overlap by half', () => {
    // Moved by a third: 20 of 40 / 3 columns are shared, 1/2 exactly.
    const own = found([10 / 3, 0, 40 / 3, 10, 0.5, 1], [20, 0, 30, 10, 0.4, 0]);
    expect(commonBoxes(own, wanted)).to.deep.equal({ both: 1, own: 2, wanted: 2 });
    expect(commonBoxes(own, wanted, 0.51)).to.deep.equal({ both: 0, own: 2, wanted: 2 });
  });

  it('takes no box twice, and gives the surest its best partner', () => {
    const twins = found([0, 0, 10, 9, 0.5, 1], [0, 0, 10, 10, 0.7, 1], [1, 0, 11, 10, 0.6, 1]);
    expect(commonBoxes(twins, wanted)).to.deep.equal({ both: 1, own: 3, wanted: 2 });
  });

  it('is the F1 score, and none where there are no boxes', () => {
    expect(boxAgreement({ both: 1, own: 3, wanted: 2 })).to.equal(0.4);
    expect(boxAgreement({ both: 0, own: 0, wanted: 2 })).to.equal(0);
    expect(boxAgreement({ both: 0, own: 0, wanted: 0 })).to.be.NaN; // eslint-disable-line @typescript-eslint/no-unused-expressions
    expect(commonBoxes(found(), wanted)).to.deep.equal({ both: 0, own: 0, wanted: 2 });
  });

  it('boxes come to another picture by scale and offset, and stay inside', () => {
    const mapping = { scale: { x: 2, y: 3 }, offset: { x: -10, y: 1 } };
    const { boxes } = mapScoredBoxes(found([0, 0, 10, 10, 1, 0]), mapping, { width: 8, height: 40 });
    expect([...boxes]).to.deep.equal([0, 1, 8, 31]);
  });

  it('boxes that lie outside another picture altogether go', () => {
    const mapping = { scale: { x: 1, y: 1 }, offset: { x: 0, y: 0 } };
    const moved = mapScoredBoxes(found([0, 0, 4, 4, 1, 0], [9, 0, 12, 4, 0.9, 1], [0, 2, 3, 9, 0.8, 1]), mapping, {
      ...{ width: 8, height: 40 },
    });
    expect([...moved.scores].map((score) => score.toFixed(1))).to.deep.equal(['1.0', '0.8']);
    expect([...moved.classes]).to.deep.equal([0, 1]);
  });
});
