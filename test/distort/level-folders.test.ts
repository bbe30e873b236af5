import { expect } from 'chai';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalLevel, distinctLevels, levelFolders } from '../../src/distort/level-folders.js';
import { GearnnError } from '../../src/common/errors.js';
import { expectFailure } from '../support/failure.js';

describe('distort: levels in several writings', () => {
  for (const [a, b] of [
    ['jpeg=10', 'jpeg=010'],
    ['brightness=0.3', 'brightness=.30'],
    ['brightness=10', 'brightness=1e1'],
    ['h264=24', 'h264=24-gop1'],
    ['jpeg=5', 'jpeg=5'],
  ] as const) {
    it(`${a} and ${b} are one level, and both are named`, () => {
      expect(() => distinctLevels([a, 'gamma=2', b], '--level'))
        .to.throw(GearnnError)
        .that.satisfies(
          ({ code, message }: GearnnError) => code === 'E_DISTORT_LEVEL' && message.includes(a) && message.includes(b),
        );
    });
  }

  it('levels that differ are given in their canonical writing', () => {
    expect(distinctLevels(['jpeg=010', 'jpeg=20', 'clean'], '--level')).to.deep.equal(['jpeg=10', 'jpeg=20', 'clean']);
    expect(canonicalLevel('all levels')).to.equal('all levels');
  });

  it('of two folders of one level both are named, and one in another writing is not passed over', async () => {
    const root = await mkdtemp(join(tmpdir(), 'gearnn-levels-'));
    try {
      for (const name of ['jpeg=10', 'jpeg=010', 'jpeg=020', 'jpeg=30']) await mkdir(join(root, name));
      await levelFolders(root, ['jpeg=30', 'jpeg=40']);
      await expectFailure(levelFolders(root, ['jpeg=10']), 'E_USAGE', join(root, 'jpeg=10'), join(root, 'jpeg=010'));
      await expectFailure(levelFolders(root, ['jpeg=20']), 'E_USAGE', join(root, 'jpeg=020'), 'Rename');
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
