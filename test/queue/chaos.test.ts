import { expect } from 'chai';
import { chaosRound } from '../../bench/queue/chaos.js';
import { sleepingWork } from '../../bench/queue/chaos-work.js';
import { requireTool } from '../support/tools.js';

describe('queue: chaos', () => {
  // `npm run bench -- chaos` goes through many more.
  for (const seed of [101, 102]) {
    it(`round ${seed}: whatever is killed, frozen or full, the numbers are those of a run alone, and no result is half or twice there`, async function () {
      const redis = requireTool(this, 'redis-server');
      const { problems, faults } = await chaosRound(seed, { work: sleepingWork(7, 0.4), most: 3, redis });
      expect(problems, faults.join(', ')).to.deep.equal([]);
    });
  }
});
