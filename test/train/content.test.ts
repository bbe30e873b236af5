import { expect } from 'chai';
import { cp, mkdtemp, rm, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../src/data/registry.js';
import { openSource } from '../../src/data/source.js';
import { startEngine, type Engine } from '../../src/engine/start.js';
import { readCheckpointConfig, saveCheckpoint } from '../../src/models/checkpoint.js';
import { stateDict } from '../../src/models/state-dict.js';
import { IMAGENET } from '../../src/models/preprocessing.js';
import { whole } from '../../src/train/adaptations/whole.js';
import { labels } from '../../src/train/objectives/labels.js';
import { performRun, type RunOutcome } from '../../src/train/run.js';
import { ALL_OF_TRAIN, DEFAULTS, meansOf, type RunOptions } from '../../src/train/run-options.js';
import type { Run } from '../../src/train/run-parts.js';
import { writeImage, writeLabel, writeListDataset } from '../distort/support/list-dataset.js';
import { expectFailure } from '../support/failure.js';
import { tinyNetwork } from './support/tiny.js';

describe('train: a run goes on with the data that it began with', () => {
  let folder: string;
  let engine: Engine;
  const at = (...names: string[]): string => join(folder, ...names);

  const VALIDATE = { validate: { split: 'val', start: 0 } };

  before(async function () {
    this.timeout(60_000);
    engine = await startEngine();
    folder = await mkdtemp(join(tmpdir(), 'gearnn-content-'));
    await writeListDataset(at('own'), { train: ['a', 'b', 'c', 'd'], val: ['e', 'f'] });
    const { alreadyDone } = await run('done', 'own', VALIDATE);
    expect(alreadyDone).to.equal(false);
  });
  after(() => rm(folder, { recursive: true }));

  async function run(
    out: string,
    data = 'own',
    options: Partial<RunOptions> = {},
    mean = IMAGENET.mean,
  ): Promise<RunOutcome> {
    const spec = `list:${at(data)}`;
    const dataset = await openDataset(spec);
    const { classes, ignore } = dataset;
    const preprocessing = { ...IMAGENET, mean };
    const { resume = true, samples: training = ALL_OF_TRAIN, validate, force } = options;
    const trained: Run = {
      ...{ adaptation: whole, objective: labels, storage: 'fp32' },
      samples: { dataset, source: openSource(spec), level: 'clean', training, validate },
      settings: { ...DEFAULTS, epochs: 1, batch: 2, size: [8, 16], seed: 3 },
      means: meansOf({ engine, ...options }),
      makeNetwork: () => tinyNetwork({ classes: 2, preprocessing }),
    };
    return performRun(trained, {
      ...{ out: at(out), resume, force },
      async save(network, record) {
        const config = { network: network.spec, classes, ignore, preprocessing, storage: 'fp32' as const };
        await saveCheckpoint(at(out), { ...config, training: { ...record } }, stateDict(network), network.parameters);
      },
      readTraining: async () => (await readCheckpointConfig(at(out))).training,
    });
  }

  /** The dataset `own` under another name, with one file of its own. */
  async function other(name: string, change: (root: string) => Promise<void>): Promise<string> {
    await cp(at('own'), at(name), { recursive: true });
    await change(at(name));
    return name;
  }

  it('a finished run is finished for its own data alone, wherever they lie', async () => {
    expect((await run('done', 'own', VALIDATE)).alreadyDone).to.equal(true);
    await cp(at('own'), at('moved'), { recursive: true });
    expect((await run('done', 'moved', VALIDATE)).alreadyDone).to.equal(true);
    // Neither the first nor the last of the samples, and not a name that differs.
    const label = await other('label', (root) => writeLabel(join(root, 'labels/c.png'), 'mended'));
    await expectFailure(run('done', label, VALIDATE), 'E_TRAIN_RESUME', 'images and labels trained on', '--force');
    const image = await other('image', (root) => writeImage(join(root, 'images/b.png'), 'another'));
    await expectFailure(run('done', image, VALIDATE), 'E_TRAIN_RESUME', 'images and labels trained on');
  });

  it('what it was measured on counts, and so does what the network sees of the pixels', async () => {
    const mended = await other('mended', (root) => writeLabel(join(root, 'labels/f.png'), 'mended'));
    await expectFailure(run('done', mended, VALIDATE), 'E_TRAIN_RESUME', 'images and labels measured on');
    await expectFailure(run('done', 'own', VALIDATE, [0, 0, 0]), 'E_TRAIN_RESUME', 'preprocessing');
  });

  it('labels that are mended in place are noticed, with the size and date of before too', async () => {
    const path = at('own/labels/a.png');
    const before = await readFile(path);
    const bytes = Uint8Array.from(before);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    await expectFailure(run('done', 'own', VALIDATE), 'E_TRAIN_RESUME', 'images and labels trained on');
    await writeFile(path, before);
    expect((await run('done', 'own', VALIDATE)).alreadyDone).to.equal(true);
  });

  it('an unfinished run is not taken up with other data of the same names', async () => {
    const stop = new AbortController();
    const progress = ({ unit }: { unit?: string }): void => void (unit === 'steps' && stop.abort(new Error('enough')));
    const stopped = await run('stopped', 'own', { progress, signal: stop.signal }).catch(
      (error: Error) => error.message,
    );
    expect(stopped).to.equal('enough');
    const label = await other('later', (root) => writeLabel(join(root, 'labels/d.png'), 'mended'));
    await expectFailure(run('stopped', label), 'E_TRAIN_RESUME', 'images and labels trained on');
    expect((await run('stopped')).record.steps).to.equal(2);
  });

  it('of a run of an earlier version, which did not note it, that is said', async () => {
    await cp(at('done'), at('old'), { recursive: true });
    const file = at('old/config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as { training: { settings: Record<string, unknown> } };
    for (const name of ['content', 'validation', 'preprocessing']) delete config.training.settings[name];
    await writeFile(file, JSON.stringify(config));
    const warnings: string[] = [];
    const { alreadyDone } = await run('old', 'own', { ...VALIDATE, warn: (message) => warnings.push(message) });
    expect(alreadyDone).to.equal(true);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain(at('old')).and.to.contain('cannot be known');
    config.training.settings['seed'] = 4;
    await writeFile(file, JSON.stringify(config));
    await expectFailure(run('old', 'own', VALIDATE), 'E_TRAIN_RESUME', 'seed 4 there, 3 here');
  });
});
