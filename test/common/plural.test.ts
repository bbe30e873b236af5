import { expect } from 'chai';
import { plural } from '../../src/common/plural.js';

describe('common: plural', () => {
  it('has an s for all numbers but one', () => {
    expect([0, 1, 2].map((count) => plural(count, 'level'))).to.deep.equal(['0 levels', '1 level', '2 levels']);
  });
});
