import { expect } from 'chai';
import { join } from 'node:path';
import { weaken } from '../../src/adapt/weaken.js';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { loadCheckpoint } from '../../src/models/checkpoint.js';
import { temporaryFolder } from '../data/support/folders.js';
import { ROOT } from '../support/sources.js';

describe('adapt: weaker adaptors', () => {
  const folder = temporaryFolder();

  it('lie on the line between the base and an adaptor, and say where', async () => {
    const base = await loadCheckpoint(join(ROOT, 'checkpoints/demo'));
    const from = join(ROOT, 'checkpoints/demo/adaptors/jpeg=10');
    const out = join(folder(), 'weaker');
    await weaken(from, base, 0.25, out);
    const [whole, weaker] = [await loadAdaptor(from, base), await loadAdaptor(out, base)];
    expect(weaker.config.training).to.include({ share: 0.25 });
    expect(weaker.config.parameters).to.equal(whole.config.parameters);
    let moved = 0;
    for (const [name, { data }] of weaker.state) {
      const [start, end] = [base.state.get(name)!.data, whole.state.get(name)!.data];
      data.forEach((value, i) => {
        expect(value).to.be.closeTo(0.75 * start[i]! + 0.25 * end[i]!, 1e-5);
        if (value !== start[i]) moved++;
      });
    }
    expect(moved).to.be.above(whole.config.parameters / 2);
  });
});
