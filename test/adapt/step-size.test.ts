import { expect } from 'chai';
import { stepSize } from '../../src/adapt/step-size.js';

const stride = 32;

describe('what a step of adapt looks at', () => {
  it('is whole pictures where a step holds them, and the more the smaller they are', () => {
    const of = (height: number, width: number): object => stepSize({ picture: { height, width }, stride });
    expect(of(352, 480)).to.deep.equal({ batch: 1, size: [352, 480] });
    expect(of(250, 330)).to.deep.equal({ batch: 3, size: [224, 320] });
    expect(of(64, 128)).to.deep.equal({ batch: 4, size: [64, 128] });
    expect(of(20, 500)).to.deep.equal({ batch: 4, size: [32, 480] });
  });

  it('is a crop in the proportions of a picture that is too large for one', () => {
    const { batch, size } = stepSize({ picture: { height: 3000, width: 4000 }, stride });
    expect(batch).to.equal(1);
    expect(size).to.deep.equal([384, 512]);
  });

  it('is whole pictures, however large, where the network brings them to its own size', () => {
    const picture = { height: 1080, width: 1920 };
    expect(stepSize({ picture, stride: 1, own: { height: 640, width: 640 } })).to.deep.equal({
      batch: 1,
      size: [1080, 1920],
    });
    expect(stepSize({ picture, stride: 1, own: { height: 48, width: 320 } })).to.deep.equal({
      batch: 4,
      size: [1080, 1920],
    });
  });

  it('is what the caller says', () => {
    const picture = { height: 352, width: 480 };
    expect(stepSize({ picture, stride, size: [160, 224] })).to.deep.equal({ batch: 4, size: [160, 224] });
    expect(stepSize({ picture, stride, batch: 8 })).to.deep.equal({ batch: 8, size: [352, 480] });
  });
});
