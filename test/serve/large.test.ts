import { expect } from 'chai';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgressEvent } from '../../src/common/progress.js';
import type { GearnnError } from '../../src/common/errors.js';
import { openDataset } from '../../src/data/registry.js';
import { encodePng } from '../../src/image/encode.js';
import type { Pixels } from '../../src/image/pixels.js';
import { resizePixels } from '../../src/image/resize.js';
import { inferFiles } from '../../src/serve/files.js';
import type { Inference } from '../../src/serve/inference.js';
import { Queue } from '../../src/serve/queue.js';
import { AdaptiveRunner } from '../../src/serve/runner.js';
import { tileProgress } from '../../src/serve/tile-progress.js';
import { onTensorflow } from '../support/engines.js';

const DEMO = { checkpoint: 'checkpoints/demo', adaptors: 'checkpoints/demo/adaptors' };
const TILE = { height: 64, width: 96, overlap: 32 };

onTensorflow('large pictures: the runner', () => {
  let runner: AdaptiveRunner;
  let large: Pixels;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-large-'));
    runner = await AdaptiveRunner.load({ ...DEMO, tile: TILE, maxPixels: 160 * 240 });
    const dataset = await openDataset('scenes:7');
    const scene = await dataset.readImage(dataset.samples('val')[0]!);
    large = resizePixels(scene, { height: 128, width: 224 });
    await writeFile(join(folder, 'large.png'), await encodePng(large));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    runner.dispose();
  });

  const same = (a: Inference, b: Inference): boolean => Buffer.compare(a.mask, b.mask) === 0;

  it('answers all tiles of a picture by its own adaptor, though pictures of other levels come meanwhile', async () => {
    const levels = ['jpeg=2', 'clean', 'brightness=0.3'];
    const alone: Inference[] = [];
    for (const level of levels) alone.push(await runner.infer(large, { level }));
    expect(same(alone[0]!, alone[2]!)).to.equal(false);
    const together = await Promise.all(levels.map((level) => runner.infer(large, { level })));
    expect(together.map((answer, i) => same(answer, alone[i]!))).to.deep.equal([true, true, true]);
  });

  it('refuses tiles and bounds that the network cannot keep to when it is loaded', async () => {
    for (const tile of [{ memory: 100e6 }, { height: 8, width: 8 }]) {
      const error = await AdaptiveRunner.load({ ...DEMO, tile }).catch((thrown: GearnnError) => thrown);
      expect((error as GearnnError).code).to.equal('E_USAGE');
    }
  });

  it('takes an adaptor in after the picture in hand', async () => {
    const before = await runner.infer(large, { level: 'jpeg=5' });
    let adding: Promise<string> | undefined;
    const onRun = (): void => void (adding ??= runner.add('checkpoints/demo/adaptors/jpeg=5'));
    expect(same(await runner.infer(large, { level: 'jpeg=5' }, { onRun }), before)).to.equal(true);
    expect(await adding).to.equal('jpeg=5');
  });

  it('says what happened where an adaptor goes in the middle of its picture', async () => {
    const onRun = (): void => {
      if (runner.levels.includes('jpeg=10')) runner.remove('jpeg=10');
    };
    const error = await runner.infer(large, { level: 'jpeg=10' }, { onRun }).catch((thrown: GearnnError) => thrown);
    expect((error as GearnnError).code).to.equal('E_ADAPTOR_LEVEL');
    await runner.add('checkpoints/demo/adaptors/jpeg=10');
  });

  it('stops between two tiles, writes nothing, and goes on with the next picture', async () => {
    const controller = new AbortController();
    let runs = 0;
    const onRun = (): void => {
      runs++;
      controller.abort();
    };
    const watch = { onRun, signal: controller.signal };
    const reason = await runner.infer(large, { level: 'clean' }, watch).catch((thrown: unknown) => thrown);
    expect(reason).to.equal(controller.signal.reason);
    expect(runs).to.equal(1);
    const files = [{ path: join(folder, 'large.png'), mask: 'large.png' }];
    const stopped = inferFiles({ runner, files, out: join(folder, 'masks'), signal: controller.signal });
    expect(await stopped.catch((thrown: unknown) => thrown)).to.equal(controller.signal.reason);
    expect(await readdir(folder)).to.deep.equal(['large.png']);
    expect((await runner.infer(large, { level: 'clean' })).mask.length).to.equal(128 * 224);
  });

  it('refuses a picture of more pixels than the limit by its header, and decoded pixels alike', async () => {
    const over = resizePixels(large, { height: 160, width: 241 });
    for (const frame of [await encodePng(over), over]) {
      const error = (await runner.infer(frame).catch((thrown: unknown) => thrown)) as GearnnError;
      expect(error.code).to.equal('E_INFER_PIXELS');
      expect(error.message).to.contain('at most 38400 pixels').and.to.contain('241 x 160');
    }
    expect((await runner.infer(resizePixels(large, { height: 160, width: 240 }))).width).to.equal(240);
  });
});

describe('large pictures: progress', () => {
  it('says nothing of a picture that is quick, and each tile of one that is slow', async () => {
    const events: ProgressEvent[] = [];
    const now = performance.now.bind(performance);
    try {
      let time = 0;
      performance.now = () => time;
      const lone = tileProgress((event) => void events.push(event), { name: 'a.jpg', done: 0, total: 1 })!;
      lone({ done: 1, total: 4 });
      expect(events).to.deep.equal([]);
      time = 2500;
      lone({ done: 2, total: 4 });
      expect(events).to.deep.equal([{ task: 'infer a.jpg', done: 2, total: 4, unit: 'tiles' }]);
      const one = tileProgress((event) => void events.push(event), { name: 'b.jpg', done: 3, total: 9 })!;
      time = 9000;
      one({ done: 1, total: 6 });
      expect(events[1]).to.deep.equal({
        ...{ task: 'infer', done: 3, total: 9, unit: 'images' },
        values: { tiles: '1/6 of b.jpg' },
      });
    } finally {
      performance.now = now;
    }
  });
});

describe('large pictures: the queue', () => {
  it('abandons a batch once nobody waits for any of it, and not before', async () => {
    let signal: AbortSignal | undefined;
    let finish: (() => void) | undefined;
    const queue = new Queue({
      limits: { queue: 9, queueBytes: 1e6, batch: 2, batchDelay: 10_000, pixels: 1e6 },
      run: (_, requests, given) => {
        signal = given;
        return new Promise((resolve) => (finish = () => resolve(requests.map(() => new Error('late')))));
      },
    });
    queue.open = true;
    const clients = [new AbortController(), new AbortController()];
    const waiting = clients.map((client, i) => {
      const job = { model: 'm', frame: new Uint8Array(3), width: 1, height: 1, line: `${i}`, deadline: 30 };
      return queue.submit({ ...job, signal: client.signal }).catch((error: GearnnError) => error.code);
    });
    while (!finish) await new Promise((resolve) => setTimeout(resolve, 1));
    clients[0]!.abort();
    expect(signal!.aborted).to.equal(false);
    clients[1]!.abort();
    expect(signal!.aborted).to.equal(true);
    expect(await Promise.all(waiting)).to.deep.equal(['E_SERVE_LEFT', 'E_SERVE_LEFT']);
    finish();
  });
});
