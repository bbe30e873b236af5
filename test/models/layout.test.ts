import { expect } from 'chai';
import { type Laid, referenceShape, toReference, toTensorflow } from '../../src/models/layout.js';

const counting = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i);

describe('layout', () => {
  it('moves [out, in, height, width] to [height, width, in, out]', () => {
    const [out, inputs, height, width] = [2, 3, 4, 5];
    const moved = toTensorflow(counting(120), { shape: [out, inputs, height, width], layout: 'conv' });
    for (let o = 0; o < out; o++)
      for (let i = 0; i < inputs; i++)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const there = ((y * width + x) * inputs + i) * out + o;
            expect(moved[there]).to.equal(((o * inputs + i) * height + y) * width + x);
          }
  });

  it('transposes a dense weight [out, in]', () => {
    expect([...toTensorflow(counting(6), { shape: [2, 3], layout: 'dense' })]).to.deep.equal([0, 3, 1, 4, 2, 5]);
  });

  for (const laid of [
    { shape: [7], layout: 'plain' },
    { shape: [4, 6], layout: 'plain' },
    { shape: [4, 6], layout: 'dense' },
    { shape: [5, 2, 3, 4], layout: 'conv' },
  ] satisfies Laid[]) {
    const { shape, layout } = laid;
    it(`brings ${layout} [${shape}] back unchanged, in an array of its own`, () => {
      const data = counting(shape.reduce((product, side) => product * side, 1));
      const back = toReference(toTensorflow(data, laid), laid);
      expect([...back]).to.deep.equal([...data]);
      expect(back.buffer).not.to.equal(data.buffer);
    });
  }

  it("gives the reference's shape of a convolution, a dense weight and anything else", () => {
    expect(referenceShape([4, 5, 3, 2], 'conv')).to.deep.equal([2, 3, 4, 5]);
    expect(referenceShape([3, 2], 'dense')).to.deep.equal([2, 3]);
    expect(referenceShape([4, 5, 3, 2], 'plain')).to.deep.equal([4, 5, 3, 2]);
    expect(referenceShape([7], 'plain')).to.deep.equal([7]);
  });

  it('refuses values that do not fill the shape', () => {
    expect(() => toTensorflow(counting(5), { shape: [2, 3], layout: 'dense' }))
      .to.throw(/6 values/)
      .with.property('code', 'E_SHAPE');
  });
});
