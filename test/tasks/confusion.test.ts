import { expect } from 'chai';
import { ConfusionMatrix } from '../../src/tasks/segmentation/confusion.js';

describe('eval: confusion matrix', () => {
  it('counts truth by row and prediction by column', () => {
    const confusion = new ConfusionMatrix(3);
    confusion.add([0, 0, 1, 2], [0, 1, 1, 0], 255);
    confusion.add(Uint8Array.of(1), Int32Array.of(2), 255);
    expect([...confusion.counts]).to.deep.equal([1, 1, 0, 0, 1, 1, 1, 0, 0]);
  });

  it('leaves out pixels whose truth is ignored, whatever was predicted there', () => {
    const confusion = new ConfusionMatrix(2);
    confusion.add([255, 1, 255], [255, 1, 77], 255);
    expect([...confusion.counts]).to.deep.equal([0, 0, 0, 1]);
  });

  it('the ignored id may be one of the classes', () => {
    const confusion = new ConfusionMatrix(2);
    confusion.add([0, 1, 1], [1, 1, 0], 0);
    expect([...confusion.counts]).to.deep.equal([0, 0, 1, 1]);
  });

  it('merge adds the counts of another', () => {
    const a = new ConfusionMatrix(2);
    a.add([0, 1], [0, 1], 255);
    const b = new ConfusionMatrix(2);
    b.add([0, 1], [1, 1], 255);
    a.merge(b);
    expect([...a.counts]).to.deep.equal([1, 1, 0, 2]);
    expect(() => a.merge(new ConfusionMatrix(3))).to.throw('confusion: expected 2 classes, got 3');
  });

  it('refuses ids that are no class, on either side, and maps of different length', () => {
    const confusion = new ConfusionMatrix(3);
    const names = { labels: 'l.png', predictions: 'p.png' };
    expect(() => confusion.add([3], [0], 255, names)).to.throw(
      'l.png: expected class ids from 0 to 2, or 255 for pixels to leave out, got 3.',
    );
    expect(() => confusion.add([0], [255], 255, names)).to.throw('p.png: expected class ids from 0 to 2, got 255.');
    expect(() => confusion.add([0, 1], [0], 255, names)).to.throw('p.png: expected 2 pixels as in l.png, got 1.');
  });
});
