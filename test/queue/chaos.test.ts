import { expect } from 'chai';
import { chaosRound, differenceOf } from '../../bench/queue/chaos.js';
import { roundLine } from '../../bench/queue/chaos-rounds.js';
import { sleepingWork } from '../../bench/queue/chaos-work.js';
import { requireTool } from '../support/tools.js';

describe('queue: chaos', () => {
  // `npm run bench -- chaos` goes through many more.
  for (const seed of [101, 102]) {
    it(`round ${seed}: whatever is killed, frozen or full, the numbers are those of a run alone, and no result is half or twice there`, async function () {
      const redis = requireTool(this, 'redis-server');
      const round = await chaosRound(seed, { work: sleepingWork(7, 0.4), most: 3, redis });
      expect(round.problems, roundLine(round)).to.deep.equal([]);
    });
  }
});

describe('queue: what differs between two results', () => {
  it('is named by its place, and the order of names is none', () => {
    expect(differenceOf({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 })).to.equal(undefined);
    expect(differenceOf({ a: { b: [1, 2] } }, { a: { b: [1, 3] } })).to.equal('/a/b/1 is 2 alone, 3 here');
    expect(differenceOf({ a: 1 }, {})).to.equal('/a is 1 alone, nothing here');
    expect(differenceOf({ a: 1 }, null)).to.equal('/ is {"a":1} alone, null here');
    expect(differenceOf([], {})).to.equal('/ is a list in one of both');
  });
});
