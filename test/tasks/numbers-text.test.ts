import { expect } from 'chai';
import { packNumbers, unpackNumbers } from '../../src/tasks/numbers-text.js';
import { expectFailure } from '../support/failure.js';

describe('tasks: numbers as text', () => {
  const numbers = [0, 1, 127, 128, 300, 2 ** 31, 4e9, 2 ** 52];

  it('are read back as they were, large ones too, and small ones take a few bits', () => {
    expect([...unpackNumbers(packNumbers(numbers), numbers.length)]).to.deep.equal(numbers);
    const small = Array.from({ length: 1000 }, (_, i) => i % 4);
    expect(packNumbers(small).length).to.be.below(100);
  });

  it('text that is damaged, or of another length, is refused', async () => {
    const read = (text: string) => Promise.resolve().then(() => unpackNumbers(text, 42));
    await expectFailure(read('AAAA'), 'E_EVAL_COUNTS', '42 numbers');
    await expectFailure(read(packNumbers(numbers)), 'E_EVAL_COUNTS', `${numbers.length}`);
  });
});
