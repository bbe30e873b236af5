import { expect } from 'chai';
import { chaosRound } from '../../bench/queue/chaos.js';
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
