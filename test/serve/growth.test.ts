import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryUse } from '../../src/engine/memory.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { writeCheckpoint } from '../support/checkpoints.js';
import { useEngine } from '../support/engines.js';

const MB = 2 ** 20;
/** Beyond this a frame would keep about 55 kB; what varies from run to run is a few MB. */
const BOUND = 44 * MB;

describe('adaptive runner: memory over 1,000 frames of ten sizes', () => {
  let folder: string;
  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-growth-'));
    await writeCheckpoint(folder);
    await useEngine(this, 'tensorflow');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('grows by no more than a bound after two rounds of all sizes', async () => {
    const runner = await AdaptiveRunner.load({ checkpoint: folder });
    let before = memoryUse();
    for (let run = 0; run < 100; run++) {
      if (run === 20) before = memoryUse();
      const [width, height] = [8 * (1 + (run % 5)), 8 * (1 + (Math.floor(run / 5) % 2))];
      const frame = { data: new Uint8Array(width * height * 3).fill(run), width, height, channels: 3 as const };
      await runner.inferBatch(Array.from({ length: 10 }, () => ({ frame })));
    }
    const after = memoryUse();
    expect(after.nativeTensors).to.equal(before.nativeTensors);
    expect(after.resident - before.resident).to.be.below(BOUND);
    runner.dispose();
  });
});
