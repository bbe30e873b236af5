import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changingNames } from '../../src/adaptor/changing.js';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { listAdaptors } from '../../src/adaptor/list.js';
import { changedBy, withAdaptor } from '../../src/adaptor/merge.js';
import { evaluateLevels } from '../../src/eval/levels.js';
import { createPredictor } from '../../src/eval/predictor.js';
import type { Pixels } from '../../src/image/pixels.js';
import { loadCheckpoint, networkOf, saveCheckpoint } from '../../src/models/checkpoint.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { taskOf } from '../../src/tasks/registry.js';
import { onEngines, onTensorflow } from '../support/engines.js';
import { writeLowRank } from './support/low-rank.js';
import { answerOf, openDouble, stopAll } from './support/server.js';

const DEMO = 'checkpoints/demo';
const [ITEMS, LOW_RANK] = ['jpeg=5', 'jpeg=30'];
const [HEIGHT, WIDTH] = [32, 40];

/** Pixels that are the same every time. */
function frame(): Pixels {
  const data = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => (i * i * 37 + i) % 251);
  return { data, width: WIDTH, height: HEIGHT, channels: 3 };
}

/** An adaptor of items and one of low-rank changes in one folder. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-low-rank-'));
  await cp(join(DEMO, 'adaptors', ITEMS), join(folder, ITEMS), { recursive: true });
  await writeLowRank(DEMO, folder, LOW_RANK);
  return folder;
}

onEngines('serving low-rank changes', () => {
  let folder: string;
  let runner: AdaptiveRunner;
  before(async () => {
    folder = await makeFolder();
    runner = await AdaptiveRunner.load({ checkpoint: DEMO, adaptors: folder });
    runner.warmUp();
  });
  after(async () => {
    runner.dispose();
    await rm(folder, { recursive: true });
  });

  it('answers as the network that they are merged into, bit for bit, beside adaptors of items', async () => {
    const base = await loadCheckpoint(DEMO);
    const adaptors = await Promise.all([ITEMS, LOW_RANK].map((level) => loadAdaptor(join(folder, level), base)));
    const answers: Uint8Array[] = [];
    for (const [i, level] of [LOW_RANK, ITEMS, 'clean', LOW_RANK].entries()) {
      const { mask } = await runner.infer(frame(), { level });
      const adaptor = adaptors.find(({ config }) => config.level === level);
      const network = networkOf(adaptor ? withAdaptor(base, adaptor) : base);
      const changing = changingNames(
        network,
        adaptors.flatMap(({ config }) => changedBy(config)),
      );
      const predictor = createPredictor(network, taskOf(base.config), { changing });
      const [answer] = predictor.predict({ images: frame().data, batch: 1, width: WIDTH, height: HEIGHT });
      expect(Buffer.compare(mask, (answer as { data: Uint8Array }).data), `${i} ${level}`).to.equal(0);
      predictor.dispose();
      network.dispose();
      answers.push(mask);
    }
    const [first, items, clean, again] = answers.map((mask) => Buffer.from(mask).toString('base64'));
    expect(new Set([first, items, clean]).size).to.equal(3);
    expect(again).to.equal(first);
  });

  it('leaves no tensor behind when levels change', async () => {
    const levels = [LOW_RANK, 'clean', ITEMS, LOW_RANK];
    await runner.infer(frame(), { level: LOW_RANK });
    const before = tf.memory().numTensors;
    for (const level of levels) await runner.infer(frame(), { level });
    expect(tf.memory().numTensors).to.equal(before);
  });

  it('says what they hold, and the room that one of them takes merged', async () => {
    const { config: items } = await loadAdaptor(join(folder, ITEMS));
    const { config } = await loadAdaptor(join(folder, LOW_RANK));
    const { state } = await loadCheckpoint(DEMO);
    const merged = changedBy(config).reduce((sum, name) => sum + state.get(name)!.data.length, 0);
    const { adaptors, residentBytes } = runner.describe();
    expect(adaptors.map(({ level, parameters }) => [level, parameters])).to.deep.equal([
      [ITEMS, items.parameters],
      [LOW_RANK, config.parameters],
    ]);
    const versions = adaptors.map(({ version }) => version);
    for (const version of versions) expect(version).to.match(/^[0-9a-f]{12}$/);
    expect(new Set(versions).size).to.equal(2);
    expect(residentBytes.adaptors).to.equal(4 * (items.parameters + config.parameters + merged));
  });
});

onTensorflow('low-rank changes as adaptors like any other', () => {
  let folder: string;
  beforeEach(async () => (folder = await makeFolder()));
  afterEach(() => rm(folder, { recursive: true }));

  it('are listed with those of items, wherever their files lie', async () => {
    expect(await listAdaptors(folder)).to.deep.equal(
      [ITEMS, LOW_RANK].map((level) => ({ level, folder: join(folder, level!) })),
    );
    expect(await readdir(join(folder, LOW_RANK!))).to.have.members(['lora.safetensors', 'lora_config.json']);
    const broken: string[] = [];
    await rm(join(folder, LOW_RANK!, 'lora_config.json'));
    await listAdaptors(folder, (one) => broken.push(one.folder));
    expect(broken).to.deep.equal([join(folder, LOW_RANK!)]);
  });

  it('are loaded by a server that runs, from the folder of its adaptors', async () => {
    const server = await openDouble();
    try {
      await writeLowRank(DEMO, server.adaptors, LOW_RANK!);
      const load = await server.post(`/v2/repository/models/${encodeURIComponent(`demo:${LOW_RANK}`)}/load`);
      expect(load.status, await load.text()).to.equal(200);
      const answer = await answerOf(await server.infer(1, { level: LOW_RANK }));
      expect(answer.parameters.level).to.equal(LOW_RANK);
    } finally {
      await stopAll();
    }
  });

  it('are scored as the network that they are merged into', async () => {
    const base = await loadCheckpoint(DEMO);
    const adaptor = await loadAdaptor(join(folder, LOW_RANK!), base);
    const network = networkOf(base);
    const tuned = join(folder, 'tuned', LOW_RANK!);
    await saveCheckpoint(tuned, base.config, withAdaptor(base, adaptor).state, network.parameters);
    network.dispose();
    const rows = await evaluateLevels({
      ...{ checkpoint: DEMO, adaptors: join(folder, LOW_RANK!), tuned: join(folder, 'tuned') },
      ...{ data: 'scenes:7@64x128', split: 'val', samples: ['val/0000', 'val/0001'], levels: [LOW_RANK!] },
    });
    const [original, own, merged] = ['original', 'adaptor', 'switching'].map(
      (method) => rows.find((row) => row.method === method)!.scores['miou']!,
    );
    // Weights that are fed round differently from frozen ones.
    expect(own).to.be.closeTo(merged!, 2e-3);
    expect(Math.abs(own! - original!)).to.be.above(5e-3);
  });
});
