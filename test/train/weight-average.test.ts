import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateDict } from '../../src/models/state-dict.js';
import { lowRank } from '../../src/train/adaptations/lora.js';
import type { RunLog } from '../../src/train/log/run-log.js';
import { settingsOf, DEFAULTS } from '../../src/train/run-options.js';
import { onEngines } from '../support/engines.js';
import { expectFailure } from '../support/failure.js';
import { tinyNetwork } from './support/tiny.js';
import { trainTiny, weightsOf } from './support/tiny-run.js';

/** Called after every step, from 1. */
function afterStep(act: (step: number) => void): RunLog {
  return { begin: () => {}, step: ({ step }) => act(step), epoch: () => {}, close: () => {} } as RunLog;
}

onEngines('train: weights averaged over the last steps', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'gearnn-average-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are the mean of what the steps of that share left, and training itself goes as before', async () => {
    const network = tinyNetwork();
    try {
      const after: Map<string, Float32Array>[] = [];
      const log = afterStep(() =>
        after.push(new Map([...stateDict(network)].map(([name, { data }]) => [name, Float32Array.from(data)]))),
      );
      await trainTiny({ average: 0.4 }, { network, log });
      // Two epochs of four steps, of which 0.4 are the last three.
      const last = after.slice(5);
      expect(last).to.have.length(3);
      let spread = 0;
      for (const [name, { data }] of stateDict(network)) {
        const own = last.map((state) => state.get(name)!);
        data.forEach((value, i) => {
          const values = own.map((tensor) => tensor[i]!);
          expect(value, `${name} ${i}`).to.be.closeTo(values.reduce((sum, one) => sum + one) / 3, 1e-5);
          spread = Math.max(spread, Math.max(...values) - Math.min(...values));
        });
      }
      expect(spread).to.be.above(1e-3);
      const plain = tinyNetwork();
      await trainTiny({}, { network: plain });
      for (const [name, { data }] of stateDict(plain)) expect([...after[7]!.get(name)!], name).to.deep.equal([...data]);
      plain.dispose();
    } finally {
      network.dispose();
    }
  });

  it('come to the same bits where the run is interrupted, before, in and after the last steps', async () => {
    const settings = { average: 0.5 };
    const whole = await trainTiny(settings);
    for (const stop of [2, 5, 6, 8]) {
      const state = join(folder, `stopped-${stop}`);
      const controller = new AbortController();
      const log = afterStep((step) => step === stop && controller.abort(new Error('enough')));
      await expectRejected(trainTiny(settings, { state, log, signal: controller.signal }));
      const resumed = await trainTiny(settings, { state, resume: true });
      expect(resumed.weights, `stopped after ${stop}`).to.deep.equal(whole.weights);
    }
  });

  it('over the last step alone are those of a run without', async () => {
    const { weights } = await trainTiny({ average: 0.01 });
    expect(weights).to.deep.equal((await trainTiny()).weights);
  });

  it('are refused for factors, and a share that is none for all', async () => {
    const network = tinyNetwork();
    const before = weightsOf(network);
    const { name } = network.parameters.find(({ role, layout }) => role === 'weight' && layout === 'conv')!;
    const shape = network.parameters.find((one) => one.name === name)!.shape as [number, number, number, number];
    const adaptation = lowRank([{ name, shape, rank: 1 } as never]);
    await expectFailure(trainTiny({ average: 0.5 }, { network, adaptation }), 'E_USAGE', 'factors');
    expect(weightsOf(network)).to.deep.equal(before);
    network.dispose();
    for (const average of [0, -1, 1.5, Number.NaN]) {
      expect(() => settingsOf({ average }, DEFAULTS), String(average)).to.throw('train.average');
    }
  });
});

async function expectRejected(run: Promise<unknown>): Promise<void> {
  const error = await run.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error).to.have.property('message', 'enough');
}
