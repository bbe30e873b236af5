import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../src/engine/start.js';
import { tensors } from '../../src/train/adaptations/items.js';
import type { RunLog } from '../../src/train/log/run-log.js';
import { expectFailure } from '../support/failure.js';
import { tinyNetwork } from './support/tiny.js';
import { SETTINGS, trainTiny, type TinyRun } from './support/tiny-run.js';

/** Writes down what a log is told; `onStep` sees each step's number. */
function spyLog(onStep: (step: number) => void = () => {}): { log: RunLog; calls: string[]; losses: number[] } {
  const [calls, losses]: [string[], number[]] = [[], []];
  const log: RunLog = {
    begin: (step, epochs) => calls.push(`begin ${step}, ${epochs} epochs done`),
    step({ step, epoch, loss }) {
      calls.push(`step ${step} of epoch ${epoch}`);
      losses.push(loss);
      onStep(step);
    },
    epoch: ({ epoch, miou }, step) => calls.push(`epoch ${epoch} after ${step}: ${miou}`),
    close: () => calls.push('close'),
  };
  return { log, calls, losses };
}

describe('train: fit', () => {
  let root: string;
  let state: string;
  /** The run that others are compared with. */
  let whole: TinyRun;
  before(async () => {
    await startEngine();
    whole = await trainTiny();
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
    state = join(root, 'state.safetensors');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('learns: the loss on street scenes falls to less than two thirds within 60 steps', async () => {
    const { losses, log } = spyLog();
    await trainTiny({ epochs: 15, learningRate: 0.1 }, { log });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(losses).to.have.length(60);
    expect(mean(losses.slice(-8))).to.be.lessThan((2 / 3) * mean(losses.slice(0, 2)));
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    expect((await trainTiny()).weights).to.deep.equal(whole.weights);
    const other = await trainTiny({ seed: 2 });
    for (const name of Object.keys(whole.weights)) expect(other.weights[name], name).not.to.equal(whole.weights[name]);
  });

  it('gives the same bits for any number of threads that decode', async () => {
    expect((await trainTiny({}, { workers: 3 })).weights).to.deep.equal(whole.weights);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await trainTiny();
    expect(tf.memory().numTensors).to.equal(before);
  });

  it('tells the log of every step and epoch, and how the validation went', async () => {
    const { log, calls } = spyLog();
    const { epochs, steps } = await trainTiny(
      { samples: SETTINGS.samples!.slice(0, 5) },
      {
        log,
        validate: (epoch) => Promise.resolve({ miou: epoch / 10 }),
      },
    );
    // Five samples are two batches of two; the last sample waits for another epoch's order.
    expect(calls).to.deep.equal([
      ...['begin 0, 0 epochs done', 'step 1 of epoch 1', 'step 2 of epoch 1', 'epoch 1 after 2: 0.1'],
      ...['step 3 of epoch 2', 'step 4 of epoch 2', 'epoch 2 after 4: 0.2'],
    ]);
    expect(steps).to.equal(4);
    expect(epochs.map(({ epoch, miou }) => [epoch, miou])).to.deep.equal([
      [1, 0.1],
      [2, 0.2],
    ]);
  });

  it('ends after so many steps in all, in the middle of an epoch, and resumes to the same bits wherever it stopped', async () => {
    const { batch, samples } = SETTINGS;
    const perEpoch = Math.floor(samples!.length / batch);
    const steps = perEpoch + 1;
    const { log, calls } = spyLog();
    const all = await trainTiny({ steps, epochs: 99 }, { log });
    expect(all.steps).to.equal(steps);
    expect(calls.filter((call) => call.startsWith('epoch'))).to.have.length(2);
    for (const stop of [1, perEpoch, steps]) {
      const controller = new AbortController();
      const { log: spy } = spyLog((step) => step === stop && controller.abort(new Error('enough')));
      const error = await trainTiny({ steps }, { state, log: spy, signal: controller.signal }).catch(
        (reason: Error) => reason,
      );
      expect(error).to.have.property('message', 'enough');
      const resumed = await trainTiny({ steps }, { state, resume: true });
      expect(resumed.weights, `stopped after ${stop}`).to.deep.equal(all.weights);
      rmSync(state, { force: true });
    }
  });

  it('an aborted run saves after the step, and goes on to the same bits wherever it stopped', async () => {
    for (const last of [1, 4, 7]) {
      const stop = new AbortController();
      const { log } = spyLog((step) => step === last && stop.abort(new Error('enough')));
      const error = await trainTiny({}, { state, log, signal: stop.signal }).catch((reason: Error) => reason);
      expect(error).to.have.property('message', 'enough');
      const resumed = spyLog();
      const rest = await trainTiny({}, { state, resume: true, log: resumed.log });
      expect(resumed.calls[0]).to.equal(`begin ${last}, ${Math.floor((last - 1) / 4)} epochs done`);
      expect(resumed.calls.filter((call) => call.startsWith('step'))).to.have.length(8 - last);
      expect(rest.weights).to.deep.equal(whole.weights);
      const losses = ({ epochs }: typeof whole) => epochs.map(({ epoch, loss }) => [epoch, loss]);
      expect(losses(rest)).to.deep.equal(losses(whole));
      rmSync(state);
    }
  });

  it('a run that stops while it validates resumes at the validation', async () => {
    const stop = () => Promise.reject(new Error('no more'));
    await trainTiny({}, { state, validate: stop }).catch(() => {});
    const { log, calls } = spyLog();
    const rest = await trainTiny({}, { state, resume: true, log, validate: () => Promise.resolve({ miou: 0.5 }) });
    expect(calls.slice(0, 2)).to.deep.equal(['begin 4, 0 epochs done', 'epoch 1 after 4: 0.5']);
    expect(rest.weights).to.deep.equal(whole.weights);
  });

  it('a finished state comes to the same bits without another step', async () => {
    await trainTiny({}, { state });
    const { log, calls } = spyLog();
    expect((await trainTiny({}, { state, resume: true, log })).weights).to.deep.equal(whole.weights);
    expect(calls).to.deep.equal(['begin 8, 2 epochs done']);
  });

  it('a state is not taken up by a run with other options, and they are named', async () => {
    await trainTiny({}, { state });
    const resume = { state, resume: true };
    const refused = (run: Promise<unknown>, ...texts: string[]) =>
      expectFailure(run, 'E_TRAIN_RESUME', state, ...texts);
    await refused(trainTiny({ learningRate: 0.1 }, resume), 'learningRate 0.05 there, 0.1 here', '--force');
    await refused(trainTiny({ seed: 2, batch: 1 }, resume), 'batch 2 there, 1 here; seed 1 there, 2 here');
    await refused(trainTiny({ samples: SETTINGS.samples!.slice(1) }, resume), 'samples');
    await refused(trainTiny({ augment: { crop: [8, 8] } }, resume), 'flip', 'size "8x16" there, "8x8" here');
    await refused(trainTiny({}, { ...resume, adaptation: tensors(new Set(['conv.weight'])) }), 'trainable');
    await refused(trainTiny({}, { ...resume, network: tinyNetwork({ classes: 12 }) }), 'network');
    await refused(trainTiny({}, { ...resume, identity: { threads: 4 } }), 'threads null there, 4 here');
  });

  it('stops at a loss that is not finite, and says at which step and samples', async () => {
    const run = trainTiny({ learningRate: 1e38, epochs: 1 }, { state });
    await expectFailure(run, 'E_TRAIN_LOSS', 'step 2 (epoch 1, batch 2: train/000', 'a finite loss', '--learning-rate');
    expect(existsSync(state)).to.equal(false);
  });

  it('stops at the end of an epoch whose last step left weights that are not finite', async () => {
    const run = trainTiny({ learningRate: 1e38, weightDecay: 1e10, epochs: 1, batch: 8 }, { state });
    await expectFailure(run, 'E_TRAIN_LOSS', 'epoch 1: ', 'finite weights');
    expect(existsSync(state)).to.equal(false);
  });

  it('refuses samples that do not fill a batch, and crops that the network cannot take', async () => {
    await expectFailure(trainTiny({ batch: 9 }), 'E_TRAIN_DATA', 'scenes:3@16x24 train', 'batch of 9', '8 samples');
    const tiny = tinyNetwork();
    const network = { ...tiny, input: { ...tiny.input, stride: 8 } };
    const run = trainTiny({ augment: { crop: [8, 20] } }, { network });
    await expectFailure(run, 'E_USAGE', 'multiples of 8, got 8x20', 'Use 8x24');
    network.dispose();
  });
});
