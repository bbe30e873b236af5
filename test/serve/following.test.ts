import { expect } from 'chai';
import { cp, mkdir, mkdtemp, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAdaptor } from '../../src/adaptor/file.js';
import { GearnnError } from '../../src/common/errors.js';
import type { CallEngine } from '../../src/serve/fetch-network.js';
import type { AdaptorChange } from '../../src/serve/following.js';
import { Repository } from '../../src/serve/repository.js';
import { ROOT } from '../support/sources.js';

const DEMO = join(ROOT, 'checkpoints/demo/adaptors');

describe('serve: following a folder of adaptors', () => {
  let folder: string;
  let adaptors: string;
  let repository: Repository;
  let changes: string[];
  let problems: string[];
  /** Hash of what answers at each level. */
  let resident: Map<string, string>;
  let ended: boolean;

  /** An engine that reads adaptors' files and computes nothing. */
  const call = (async (what: string, _model: string, given: { adaptors?: string } & string): Promise<object> => {
    if (ended) throw new GearnnError('E_SERVE_ENGINE', { where: 'engine', expected: 'one', got: 'none' });
    if (what === 'load') {
      resident.clear();
      for (const level of ['jpeg=5']) resident.set(level, (await loadAdaptor(join(adaptors, level))).hash);
    }
    if (what === 'add') {
      const { config, hash } = await loadAdaptor(given);
      resident.set(config.level, hash);
    }
    if (what === 'remove') resident.delete(given);
    return { adaptors: [...resident].map(([level, version]) => ({ level, version })), broken: [] };
  }) as unknown as CallEngine;

  const put = (level: string, name = level): Promise<void> =>
    cp(join(DEMO, level), join(adaptors, name), { recursive: true });
  const file = (level: string): string => join(adaptors, level, 'adaptor.safetensors');
  /** Two looks: what has come to rest is taken at the second. */
  const look = async (times = 2): Promise<void> => {
    for (let i = 0; i < times; i++) await repository.follow();
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-following-'));
    adaptors = join(folder, 'adaptors');
    await mkdir(join(folder, 'base'));
    await writeFile(join(folder, 'base/config.json'), '{}');
    await put('jpeg=5');
    [changes, problems, resident, ended] = [[], [], new Map(), false];
    const onChange = ({ name, change }: AdaptorChange): unknown => changes.push(`${name} ${change}`);
    const options = { checkpoint: join(folder, 'base'), adaptors };
    const onProblem = (name: string, error?: Error): unknown => problems.push(`${name} ${error ? 'broken' : 'well'}`);
    repository = new Repository(options, call, onProblem, () => {}, onChange);
    await repository.restore();
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('what stays as it is is loaded once', async () => {
    await look(4);
    expect(changes).to.deep.equal([]);
  });

  it('an adaptor that appears is taken at the second look, and let go at the second look without it', async () => {
    await put('jpeg=20');
    await look(1);
    expect(changes).to.deep.equal([]);
    await look(1);
    expect(changes).to.deep.equal(['base:jpeg=20 loaded']);
    await rm(join(adaptors, 'jpeg=20'), { recursive: true });
    await look(1);
    expect([...resident.keys()]).to.include('jpeg=20');
    await look(1);
    expect([...resident.keys()]).to.deep.equal(['jpeg=5']);
    expect(changes).to.deep.equal(['base:jpeg=20 loaded', 'base:jpeg=20 removed']);
    expect(await repository.mend()).to.equal(false);
  });

  it('files that are still written to are left alone', async () => {
    await put('jpeg=20');
    for (let second = 1; second < 5; second++) {
      await utimes(file('jpeg=20'), second, second);
      await look(1);
    }
    expect(changes).to.deep.equal([]);
    await look(1);
    expect(changes).to.deep.equal(['base:jpeg=20 loaded']);
  });

  it('one that changes answers in the place of what it was; half-written it changes nothing and is told', async () => {
    const before = resident.get('jpeg=5');
    await truncate(file('jpeg=5'), 100);
    await look(4);
    expect(resident.get('jpeg=5')).to.equal(before);
    expect(changes, 'and that once').to.deep.equal(['base:jpeg=5 refused']);
    expect(problems).to.deep.equal(['base:jpeg=5 broken']);
    expect(await repository.index()).to.deep.include({ name: 'base:jpeg=5', version: '1', state: 'READY', reason: '' });
    const bytes = await readFile(join(DEMO, 'jpeg=5/adaptor.safetensors'));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(file('jpeg=5'), bytes);
    await look();
    expect(resident.get('jpeg=5'))
      .to.equal((await loadAdaptor(join(adaptors, 'jpeg=5'))).hash)
      .and.not.equal(before);
    expect(problems).to.deep.equal(['base:jpeg=5 broken', 'base:jpeg=5 well']);
  });

  it('a new one that is wrong is told, forgotten once it is gone, and loaded once it is whole', async () => {
    await put('jpeg=20');
    await writeFile(join(adaptors, 'jpeg=20/adaptor_config.json'), '{');
    await look();
    expect(problems).to.deep.equal(['base:jpeg=20 broken']);
    await rename(join(adaptors, 'jpeg=20'), join(folder, 'away'));
    await look();
    expect(repository.problems.names).to.deep.equal([]);
    await put('jpeg=20');
    await look();
    expect(changes).to.deep.equal(['base:jpeg=20 refused', 'base:jpeg=20 loaded']);
  });

  it('a folder that takes another level takes the place of the one that it had', async () => {
    await rm(join(adaptors, 'jpeg=5'), { recursive: true });
    await put('jpeg=20', 'jpeg=5');
    await look();
    expect([...resident.keys()]).to.deep.equal(['jpeg=20']);
  });

  it('of two folders of one level, the other one serves when the first goes', async () => {
    await put('jpeg=5', 'z');
    await look();
    expect(changes).to.deep.equal(['base:z refused']);
    await rm(join(adaptors, 'jpeg=5'), { recursive: true });
    await look();
    expect([...resident.keys()]).to.deep.equal(['jpeg=5']);
    await rm(join(adaptors, 'z'), { recursive: true });
    await look();
    expect([...resident.keys()]).to.deep.equal([]);
    expect(repository.problems.names).to.deep.equal([]);
  });

  it('a folder that cannot be read, or that another, empty one takes the place of, keeps all adaptors', async () => {
    await look();
    await rename(adaptors, join(folder, 'unmounted'));
    await look();
    expect(repository.problems.names).to.deep.equal(['base:adaptors']);
    await mkdir(adaptors);
    await look();
    expect([...resident.keys()]).to.deep.equal(['jpeg=5']);
    expect(await repository.mend(), 'who follows it says when it is well').to.equal(true);
    expect(problems).to.have.length(2);
    await rm(adaptors, { recursive: true });
    await rename(join(folder, 'unmounted'), adaptors);
    await look();
    expect(repository.problems.names).to.deep.equal([]);
    expect(changes).to.deep.equal([]);
  });

  it('what was unloaded by a client stays so until its files change', async () => {
    await look();
    await repository.unload('base:jpeg=5');
    await look(3);
    expect(resident.size).to.equal(0);
    await utimes(file('jpeg=5'), 1, 1);
    await look();
    expect(resident.size).to.equal(1);
  });

  it('what appears while there is no engine is taken by the next one', async () => {
    await put('jpeg=20');
    ended = true;
    await look(1);
    await repository.follow().catch(() => {});
    ended = false;
    await repository.restore();
    await look();
    expect([...resident.keys()]).to.deep.equal(['jpeg=5', 'jpeg=20']);
  });
});
