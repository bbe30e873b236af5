import { expect } from 'chai';
import { cp, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { listAdaptors } from '../../src/adaptor/list.js';
import { GearnnError } from '../../src/common/errors.js';
import { packError } from '../../src/common/wire.js';
import { addAdaptors } from '../../src/serve/add-adaptors.js';
import type { BrokenItem, LoadOptions } from '../../src/serve/engine/messages.js';
import type { CallEngine } from '../../src/serve/fetch-network.js';
import { Repository } from '../../src/serve/repository.js';
import { expectFailure } from '../support/failure.js';
import { ROOT } from '../support/sources.js';

const DEMO = join(ROOT, 'checkpoints/demo');

describe('serve: recovery', () => {
  let folder: string;
  let adaptors: string;
  let repository: Repository;
  let log: string[];
  /** Networks under whose loading the engine ends. */
  let crashing: Set<string>;

  /** An engine that reads adaptors' files and computes nothing. */
  const call = (async (what: string, model: string, given: LoadOptions & string): Promise<object | void> => {
    const levels = (resident.get(model) ?? resident.set(model, new Set()).get(model))!;
    if (what === 'load') {
      if (crashing.has(model))
        throw new GearnnError('E_SERVE_ENGINE', { where: 'engine', expected: 'one', got: 'none' });
      await rename(join(given.checkpoint, 'ok'), join(given.checkpoint, 'ok'));
      levels.clear();
      const broken: BrokenItem[] = [];
      const add = async (path: string): Promise<unknown> => levels.add((await loadAdaptor(path)).config.level);
      if (given.adaptors !== undefined)
        await addAdaptors(given.adaptors, add, ({ error, ...one }) => broken.push({ ...one, error: packError(error) }));
      return { adaptors: [...levels].map((level) => ({ level })), broken };
    }
    if (what === 'add') levels.add((await loadAdaptor(given)).config.level);
    if (what === 'remove') levels.delete(given);
    return { adaptors: [...levels].map((level) => ({ level })) };
  }) as unknown as CallEngine;
  let resident: Map<string, Set<string>>;

  const adaptor = (level: string, name = level): Promise<void> =>
    cp(join(DEMO, 'adaptors', level), join(adaptors, name), { recursive: true });
  const states = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await repository.index()).map(({ name, state, reason }) => [name, reason || state]));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-recovery-'));
    adaptors = join(folder, 'adaptors');
    for (const name of ['base', 'models/night']) {
      await mkdir(join(folder, name), { recursive: true });
      for (const file of ['ok', 'config.json']) await writeFile(join(folder, name, file), '{}');
    }
    await mkdir(adaptors);
    await adaptor('jpeg=5');
    [log, crashing, resident] = [[], new Set(), new Map()];
    const options = { checkpoint: join(folder, 'base'), adaptors, models: join(folder, 'models') };
    repository = new Repository(options, call, (name, error) => log.push(`${name} ${error ? 'broken' : 'well'}`));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('broken adaptors of every kind are left out and said, in index and log; the others load, and what is mended follows', async () => {
    await mkdir(join(adaptors, 'half'));
    await cp(join(DEMO, 'adaptors/jpeg=10/adaptor.safetensors'), join(adaptors, 'half/adaptor.safetensors'));
    await adaptor('jpeg=10');
    await rm(join(adaptors, 'jpeg=10/adaptor.safetensors'));
    await adaptor('jpeg=20');
    await truncate(join(adaptors, 'jpeg=20/adaptor.safetensors'), 100);
    await adaptor('jpeg=90', 'json');
    await writeFile(join(adaptors, 'json/adaptor_config.json'), '{');
    await adaptor('jpeg=5', 'jpeg=5.bak');
    await repository.restore();
    const items = ['half', 'jpeg=10', 'jpeg=20', 'json', 'jpeg=5.bak'].map((name) => `base:${name}`);
    expect(repository.problems.names).to.have.members(items);
    expect(log).to.have.members(items.map((name) => `${name} broken`));
    const index = await states();
    expect(index).to.include({ base: 'READY', 'base:jpeg=5': 'READY' });
    expect(index['base:jpeg=5.bak']).to.contain('a second one for jpeg=5');
    expect(index['base:json']).to.contain('not JSON');
    expect(await repository.mend()).to.equal(true);
    expect(log, 'what is as it was is not said again').to.have.length(items.length);
    await cp(join(DEMO, 'adaptors/jpeg=10'), join(adaptors, 'jpeg=10'), { recursive: true });
    await cp(join(DEMO, 'adaptors/jpeg=90'), join(adaptors, 'json'), { recursive: true });
    for (const name of ['half', 'jpeg=20', 'jpeg=5.bak']) await rm(join(adaptors, name), { recursive: true });
    expect(await repository.mend()).to.equal(false);
    expect(repository.describe('base').adaptors.map(({ level }) => level)).to.have.members([
      'jpeg=5',
      'jpeg=10',
      'jpeg=90',
    ]);
  });

  it('after an engine ended, a network that cannot be loaded leaves the others, answers 503, and comes back by itself', async () => {
    await repository.restore();
    await repository.load('night');
    await repository.unload('base:jpeg=5');
    await rename(join(folder, 'base/ok'), join(folder, 'base/gone'));
    await repository.restore();
    expect(repository.all().map(({ name }) => name)).to.deep.equal(['night']);
    await expectFailure(
      Promise.resolve().then(() => repository.describe('base')),
      'E_SERVE_UNAVAILABLE',
      'ENOENT',
    );
    expect(log).to.deep.equal(['base broken']);
    await rename(join(folder, 'base/gone'), join(folder, 'base/ok'));
    expect(await repository.mend()).to.equal(false);
    expect(repository.describe('base').adaptors, 'what was unloaded stays so').to.deep.equal([]);
    expect(log).to.deep.equal(['base broken', 'base well']);
  });

  it('a folder of adaptors that is gone for now costs the adaptors, not the network', async () => {
    await repository.restore();
    await rename(adaptors, `${adaptors}.away`);
    resident.clear();
    await expectFailure(repository.check(), 'E_ADAPTOR');
    await mkdir(adaptors);
    await repository.restore();
    expect((await states())['base:jpeg=5']).to.contain('none any more');
    await rm(adaptors, { recursive: true });
    await rename(`${adaptors}.away`, adaptors);
    await repository.mend();
    expect(await states()).to.include({ 'base:jpeg=5': 'READY' });
  });

  it('a network under which the engine ends again and again is put aside, until its files change', async () => {
    await repository.restore();
    await repository.load('night');
    crashing.add('night');
    for (let i = 0; i < 2; i++) await expectFailure(repository.restore(), 'E_SERVE_ENGINE');
    await repository.restore();
    expect(await states()).to.include({ base: 'READY' });
    crashing.clear();
    await repository.mend();
    expect(repository.all()).to.have.length(1);
    await writeFile(join(folder, 'models/night/config.json'), '{ }');
    await repository.mend();
    expect(repository.all()).to.have.length(2);
  });

  it('of two adaptors of one level neither is taken where no folder has its name', async () => {
    await rename(join(adaptors, 'jpeg=5'), join(adaptors, 'a'));
    await adaptor('jpeg=5', 'b');
    const broken: string[] = [];
    expect(await listAdaptors(adaptors, ({ folder: path }) => broken.push(path))).to.deep.equal([]);
    expect(broken).to.have.members([join(adaptors, 'a'), join(adaptors, 'b')]);
  });
});
