import { expect } from 'chai';
import { GearnnError } from '../../src/common/errors.js';
import { changedShare, sensitivity, type TensorValues } from '../../src/select/sensitivity.js';

function tensor(...data: number[]): TensorValues {
  return { shape: [data.length], data: Float32Array.from(data) };
}

describe('select: sensitivity', () => {
  it('is the mean absolute change of an item, over all its tensors (Eq. 1)', () => {
    const base = new Map([
      ['a.running_mean', tensor(0, 1, -2)],
      ['a.running_var', tensor(4)],
    ]);
    const tuned = new Map([
      ['a.running_mean', tensor(0.5, 1, -3)],
      ['a.running_var', tensor(1.5)],
    ]);
    const items = [{ name: 'a.running', tensors: ['a.running_mean', 'a.running_var'], size: 4 }];
    // (0.5 + 0 + 1 + 2.5) / 4 = 1; three of four changed.
    expect(sensitivity(base, tuned, items)).to.deep.equal([{ name: 'a.running', value: 1, size: 4, changed: 0.75 }]);
  });

  it('`changed` counts changes above 2e-4 only', () => {
    const base = new Map([['w', tensor(0, 0, 0, 0)]]);
    const tuned = new Map([['w', tensor(0.00019, -0.00021, 0.0001, 1)]]);
    const [result] = sensitivity(base, tuned, [{ name: 'w', tensors: ['w'], size: 4 }]);
    expect(result!.changed).to.equal(0.5);
    expect(changedShare([result!], 40)).to.equal(2 / 40);
  });

  it('sums in double precision: a million changes of 1e-8 on a weight of 0 average to 1e-8', () => {
    const count = 1_000_000;
    const zero = { shape: [count], data: new Float32Array(count) };
    const moved = { shape: [count], data: new Float32Array(count).fill(1e-8) };
    const [result] = sensitivity(new Map([['w', zero]]), new Map([['w', moved]]), [
      { name: 'w', tensors: ['w'], size: count },
    ]);
    expect(result!.value).to.be.closeTo(Math.fround(1e-8), 1e-17);
  });

  it('names a tensor that is missing, has another shape or is not finite', () => {
    const items = [{ name: 'w', tensors: ['w'], size: 2 }];
    const base = new Map([['w', tensor(1, 2)]]);
    const message = (tuned: Map<string, TensorValues>): string => {
      try {
        sensitivity(base, tuned, items);
      } catch (error) {
        expect(error).to.be.instanceOf(GearnnError).with.property('code', 'E_SPLIT_STATE');
        return (error as Error).message;
      }
      return 'no error';
    };
    expect(message(new Map())).to.match(/^split\.w: expected this tensor in the fine-tuned network/);
    expect(message(new Map([['w', tensor(1)]]))).to.contain('expected shape [2] as in the base, got [1]');
    expect(message(new Map([['w', tensor(1, Number.NaN)]]))).to.contain('finite numbers in the fine-tuned network');
  });
});
