import { expect } from 'chai';
import { Account, runWords } from '../../src/video/account.js';

/** Sends packets with whole ticks of 0.1 s, and takes the frames that a decoder gives. */
function through(account: Account, packets: readonly number[], frames: readonly number[], refused = 0): number[] {
  packets.forEach((tick, i) => account.sent({ stamp: BigInt(tick), isKey: i === 0, isCorrupt: false }));
  for (let i = 0; i < refused; i++) account.refused();
  return frames.map((tick) => account.came({ stamp: BigInt(tick), time: tick / 10, isDamaged: false }));
}

describe('numbers of frames', () => {
  it('are those of the packets whose frames come, where others are refused', () => {
    const account = new Account(0.1);
    expect(through(account, [0, 3, 1, 2, 4, 5], [0, 1, 4, 5], 2)).to.deep.equal([1, 2, 5, 6]);
    account.end();
    expect(account.lost).to.deep.equal([[3, 4]]);
  });

  it('count nothing for packets that hold no frame of their own, and nothing for a pause', () => {
    const account = new Account(0.1);
    expect(through(account, [0, 1, 2, 3, 4, 40], [0, 2, 4, 40])).to.deep.equal([1, 2, 3, 4]);
    account.end();
    expect(account.lost).to.deep.equal([]);
  });

  it('count what was refused at the end', () => {
    const account = new Account(0.1);
    through(account, [0, 1, 2, 3], [0, 1], 2);
    account.end();
    expect(account.lost).to.deep.equal([[3, 4]]);
  });

  it('leave out what stands before the first key frame', () => {
    const account = new Account(0.1);
    account.sent({ stamp: 0n, isKey: false, isCorrupt: false });
    account.refused();
    expect(through(account, [5, 3, 4, 6], [5, 6])).to.deep.equal([1, 2]);
    account.end();
    expect(account.lost).to.deep.equal([]);
  });

  it('a gap is lost frames where bytes of the file were passed over, and a pause where none were', () => {
    const numbers = [true, false].map((isHole) => {
      const account = new Account(0.1);
      let position = 0;
      return [0, 1, 2, 3, 7, 8].map((tick) => {
        if (tick === 7 && isHole) position += 3000;
        account.coverage.add({ position, size: 1000, isOurs: true });
        position += 1010;
        return through(account, [tick], [tick])[0];
      });
    });
    expect(numbers).to.deep.equal([
      [1, 2, 3, 4, 8, 9],
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  it('runs of them read as ranges', () => {
    expect(runWords([[3, 3]])).to.equal('1 frame (3)');
    expect(
      runWords(
        [
          [3, 5],
          [9, 9],
          [11, 12],
        ],
        2,
      ),
    ).to.equal('6 frames (3-5, 9, ...)');
  });
});
