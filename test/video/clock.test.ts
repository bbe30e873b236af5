import { expect } from 'chai';
import { Clock } from '../../src/video/clock.js';

describe('clock of a video', () => {
  const times = (stamps: (number | undefined)[], frame = 0.1): number[] => {
    const clock = new Clock(frame);
    return stamps.map((stamp) => Number(clock.next(stamp).toFixed(6)));
  };

  it('counts from the first frame', () => {
    expect(times([5, 5.1, 5.3])).to.deep.equal([0, 0.1, 0.3]);
  });

  it('goes on by a frame where the stream starts its clock again, or leaps', () => {
    expect(times([5, 5.1, 1.4, 1.5])).to.deep.equal([0, 0.1, 0.2, 0.3]);
    expect(times([5, 5.1, 900, 900.1])).to.deep.equal([0, 0.1, 0.2, 0.3]);
  });

  it('keeps a pause of some seconds', () => {
    expect(times([5, 5.1, 9.1])).to.deep.equal([0, 0.1, 4.1]);
  });

  it('gives frames without a timestamp the next place', () => {
    expect(times([undefined, undefined, 0.2])).to.deep.equal([0, 0.1, 0.2]);
    expect(times([7, undefined, 7.2])).to.deep.equal([0, 0.1, 0.2]);
  });

  it('rises where two frames have one timestamp', () => {
    expect(times([5, 5, 5.1])).to.deep.equal([0, 0.1, 0.2]);
  });
});
