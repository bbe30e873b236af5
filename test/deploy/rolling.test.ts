import { expect } from 'chai';
import type { Camera } from '../../bench/serve/cameras.js';
import { benchRoll } from '../../bench/serve/roll.js';
import { RollCount } from '../../bench/serve/roll-count.js';
import { Served } from '../serve/support/served.js';
import { requireTool } from '../support/tools.js';

describe('deploy: a rolling update of adaptors under load', () => {
  it('behind nginx, two servers that watch one folder: no request fails, and each answer is of one version or the other', async function () {
    requireTool(this, 'nginx');
    const start = async (parameters: string[]) => {
      const served = await Served.start(...parameters);
      return { url: served.url, kill: () => served.end() };
    };
    const row = await benchRoll({ balancer: 'nginx', seconds: 4, streams: 12, every: 1, start });
    expect([row.failed, row.mixed], JSON.stringify(row)).to.deep.equal([0, 0]);
    expect(row.rolls).to.be.above(0);
    expect(row.answered[0]! + row.answered[1]!).to.equal(row.requests);
    expect(Math.min(...row.answered)).to.be.above(0);
    expect(row.both).to.be.above(0);
  });

  describe('its count', () => {
    const camera = (version: string, name: string, mask: string): Camera => ({
      ...{ version, name, mask: Buffer.from(mask), level: 'jpeg=5', frame: new Uint8Array() },
    });
    const alone = [
      [camera('v1', 'a', 'one'), camera('v1', 'b', 'same')],
      [camera('v2', 'a', 'two'), camera('v2', 'b', 'same')],
    ];
    const heard = (version: string, mask: string) => ({ status: 200, version, mask: Buffer.from(mask) });

    it("an answer is a version's if it says so and has its mask; all else is a mixture", () => {
      const count = new RollCount(alone);
      count.add(0, heard('v1', 'one'));
      count.add(0, heard('v2', 'two'));
      count.add(1, heard('v2', 'same'));
      expect([count.mixed, count.answered, count.both]).to.deep.equal([0, [1, 2], 1]);
      for (const [version, mask] of [
        ['v1', 'two'],
        ['v2', 'one'],
        ['v3', 'one'],
        ['v1', 'onetwo'],
      ] as const)
        // prettier-ignore
        count.add(0, heard(version, mask));
      expect([count.mixed, count.answered, count.requests]).to.deep.equal([4, [1, 2], 7]);
    });

    it('failures are counted by their status', () => {
      const count = new RollCount(alone);
      for (const status of [503, undefined, 503]) count.add(0, { status });
      expect([count.failed, count.statuses, count.mixed]).to.deep.equal([3, { 0: 1, 503: 2 }, 0]);
    });

    it('versions that answer alike, or are one, are refused: they would hide every mixture', () => {
      expect(() => new RollCount([[alone[0]![1]!], [alone[1]![1]!]])).to.throw('no mixture would show');
      expect(() => new RollCount([alone[0]!, [camera('v1', 'a', 'two'), alone[1]![1]!]])).to.throw('v1 of jpeg=5');
    });
  });
});
