import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { loadCheckpoint, networkOf, roundToStorage } from '../../src/models/checkpoint.js';
import { finetune } from '../../src/train/finetune.js';
import { refreshStatistics } from '../../src/train/refresh-statistics.js';
import { trainBase } from '../../src/train/train-base.js';
import { expectFailure } from '../support/failure.js';
import { DATA, slice, trainedRuns, type TrainedRuns } from './support/trained-runs.js';

describe('train: from folder to folder', () => {
  const runs = trainedRuns();
  let { engine, root, base, full, adaptor, split, trainOptions } = {} as TrainedRuns;
  before(() => ({ engine, root, base, full, adaptor, split, trainOptions } = runs()));

  const record = (folder: string, file = 'config.json') =>
    (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { training: Record<string, unknown> }).training;

  it('a run leaves its two files, and nothing of its state', () => {
    expect(readdirSync(base).sort()).to.deep.equal(['config.json', 'model.safetensors']);
    expect(readdirSync(full).sort()).to.deep.equal(['config.json', 'model.safetensors']);
    expect(readdirSync(adaptor).sort()).to.deep.equal(['adaptor.safetensors', 'adaptor_config.json']);
  });

  it('a checkpoint says how it was made, and names no path of the machine', () => {
    const made = record(base);
    expect(made)
      .to.include({ level: 'clean', steps: 2 })
      .and.to.have.property('gearnn')
      .that.matches(/^\d+\.\d+/);
    expect(made['settings']).to.deep.include({
      ...{ data: DATA, split: 'train', batch: 2, size: '32x48', epochs: 1, momentum: 0.8, seed: 5, flip: true },
      ...{ learningRate: 0.01, schedule: { kind: 'poly', power: 0.9 }, weightDecay: 1e-4, threads: engine.threads },
    });
    const { name, version, precision, threads } = engine;
    expect(made['engine']).to.deep.equal({ name, version, precision, threads });
    const [epoch] = made['history'] as [Record<string, number>];
    expect(epoch).to.have.all.keys('epoch', 'loss', 'learningRate', 'seconds', 'miou');
    expect(epoch['miou']).to.be.within(0, 1);
    expect(JSON.stringify(made)).not.to.contain(root).and.not.to.contain(process.cwd());
  });

  it('a base stored as fp16 is what its file gives back, to the bit, before anything is made from it', async () => {
    const checkpoint = await loadCheckpoint(base);
    const { state, config } = checkpoint;
    const network = networkOf(checkpoint);
    expect(config.storage).to.equal('fp16');
    expect(Object.fromEntries(roundToStorage(state, 'fp16', network.parameters))).to.deep.equal(
      Object.fromEntries(state),
    );
    network.dispose();
  });

  it("a full fine-tune remembers base and level, takes the paper's rate and trains as the base was trained", async () => {
    const made = record(full);
    expect(made).to.include({ level: 'jpeg=5', base: (await loadCheckpoint(base)).hash });
    expect(made['settings']).to.deep.include({
      learningRate: 0.001,
      size: '32x48',
      batch: 2,
      momentum: 0.8,
      level: 'jpeg=5',
    });
  });

  it("a full fine-tune changes every tensor but the fixed upsampler, from the values of the base's file", async () => {
    const [before, after] = [await loadCheckpoint(base), await loadCheckpoint(full)];
    for (const [name, { data }] of after.state) {
      const old = before.state.get(name)!.data;
      expect(String(data) === String(old), name).to.equal(name === 'up.weight');
      // Two steps at a rate of 0.001 move no weight far.
      if (!name.includes('running'))
        expect(Math.max(...data.map((value, i) => Math.abs(value - old[i]!))), name).to.be.lessThan(0.05);
    }
  });

  it("an adaptor holds the split's tensors, all changed, and fits its base", async () => {
    const before = await loadCheckpoint(base);
    const { state, config } = await loadAdaptor(adaptor, before);
    expect([...state.keys()]).to.have.members(split.items.flatMap(({ tensors }) => tensors));
    for (const [name, { data }] of state) expect(String(data), name).not.to.equal(String(before.state.get(name)!.data));
    expect(config).to.deep.include({ level: 'jpeg=5', parameters: split.size, budget: split.budget });
    expect(record(adaptor, 'adaptor_config.json')['settings']).to.include({ learningRate: 0.005 });
  });

  it('precise statistics change those alone, and are what refreshing a finished fine-tune gives, to the bit', async function () {
    this.timeout(180_000);
    const shared = { engine, checkpoint: base, data: DATA, level: 'jpeg=5', samples: slice(4), epochs: 1 };
    const statistics = (name: string): boolean => /running_(mean|var)$/.test(name);
    for (const [form, tuned, options] of [
      ['network', full, shared],
      ['adaptor', adaptor, { ...shared, split }],
    ] as const) {
      const [precise, refreshed] = [join(root, 'precise', form), join(root, 'refreshed', form)];
      await finetune({ ...options, statistics: 'precise', out: precise });
      await refreshStatistics({ ...shared, form, tuned, out: refreshed });
      const [before, after, again] = await Promise.all(
        [tuned, precise, refreshed].map(async (folder) =>
          form === 'adaptor' ? loadAdaptor(folder) : loadCheckpoint(folder),
        ),
      );
      expect(again!.state).to.deep.equal(after!.state);
      const changed = [...after!.state].filter(
        ([name, { data }]) => String(data) !== String(before!.state.get(name)!.data),
      );
      expect(changed.map(([name]) => name)).to.deep.equal([...after!.state.keys()].filter(statistics));
      for (const { config } of [after!, again!]) {
        expect((config.training['settings'] as { statistics: string }).statistics).to.equal('precise');
      }
    }
  });

  it('a run that stops while it measures statistics goes on to the same', async function () {
    this.timeout(180_000);
    const options = { engine, checkpoint: base, data: DATA, level: 'jpeg=5', samples: slice(4), epochs: 1, split };
    const [out, stop] = [join(root, 'stopped-precise'), new AbortController()];
    const progress = ({ task }: { task: string }) => void (task === 'statistics' && stop.abort(new Error('enough')));
    const precise = { ...options, statistics: 'precise' as const, out };
    const stopped = await finetune({ ...precise, progress, signal: stop.signal }).catch((e: Error) => e.message);
    expect(stopped).to.equal('enough');
    await expectFailure(finetune({ ...options, out, resume: true }), 'E_TRAIN_RESUME', 'statistics');
    await finetune({ ...precise, resume: true });
    const whole = await loadAdaptor(join(root, 'precise/adaptor'));
    expect((await loadAdaptor(out)).state).to.deep.equal(whole.state);
  });

  it('results are not written over, and the message says what to do', async () => {
    const before = readFileSync(join(base, 'model.safetensors'));
    await expectFailure(trainBase(trainOptions), 'E_OUT_EXISTS', join(base, 'config.json'), '--force');
    await expectFailure(trainBase({ ...trainOptions, out: adaptor }), 'E_OUT_EXISTS', 'adaptor_config.json');
    expect(readFileSync(join(base, 'model.safetensors')).equals(before)).to.equal(true);
  });

  it('resuming what is finished does nothing; with other options it is refused, by name', async () => {
    const before = tf.memory().numTensors;
    const again = await trainBase({ ...trainOptions, resume: true });
    expect(again.alreadyDone).to.equal(true);
    expect(again.hash).to.equal((await loadCheckpoint(base)).hash);
    expect(again.record).to.deep.equal(record(base));
    await expectFailure(
      trainBase({ ...trainOptions, resume: true, seed: 6 }),
      'E_TRAIN_RESUME',
      'seed 5 there, 6 here',
    );
    expect(tf.memory().numTensors).to.equal(before);
  });

  it('an unfinished run asks for --resume or --force, which brings the results of another seed', async function () {
    this.timeout(180_000);
    const quick = { ...trainOptions, validate: undefined };
    const out = join(root, 'stopped');
    const stop = new AbortController();
    const progress = () => stop.abort(new Error('enough'));
    const stopped = await trainBase({ ...quick, out, progress, signal: stop.signal }).catch((e: Error) => e.message);
    expect(stopped).to.equal('enough');
    expect(readdirSync(out)).to.deep.equal(['.state']);
    await expectFailure(trainBase({ ...quick, out }), 'E_TRAIN_UNFINISHED', out, '--resume', '--force');
    await expectFailure(trainBase({ ...quick, out, resume: true, force: true }), 'E_USAGE', 'both');
    await expectFailure(trainBase({ ...quick, out, resume: true, epochs: 2 }), 'E_TRAIN_RESUME', 'epochs');
    const { hash } = await trainBase({ ...quick, out, resume: true });
    expect(hash).to.equal((await loadCheckpoint(base)).hash);
    expect(readdirSync(out).sort()).to.deep.equal(['config.json', 'model.safetensors']);
    const forced = await trainBase({ ...quick, out, force: true, seed: 6 });
    expect(forced.hash).not.to.equal(hash);
    expect((await loadCheckpoint(out)).hash).to.equal(forced.hash);
  });
});
