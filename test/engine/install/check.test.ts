import { expect } from 'chai';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type ProgressEvent } from '../../../src/common/progress.js';
import { listEngines } from '../../../src/engine/install/check.js';
import { removeAllEngines, removeEngine } from '../../../src/engine/install/remove.js';
import { writeEngine } from '../support/engine.js';
import { codeOf, FakeMachine } from '../support/machine.js';

describe('engine list and remove', () => {
  let machine: FakeMachine;
  let home: string;

  beforeEach(() => {
    machine = new FakeMachine();
    home = machine.home;
  });
  afterEach(() => machine.dispose());

  const problems = async (verify = false): Promise<string[]> => (await listEngines(home, { verify }))[0]!.problems;

  it('nothing is listed where nothing was ever installed', async () => {
    expect(await listEngines(home)).to.deep.equal([]);
  });

  it('a whole engine has no problems, and the size of its files', async () => {
    writeEngine(home, { files: { a: '12345', b: '123' } });
    const [engine] = await listEngines(home, { verify: true });
    expect(engine).to.include({ name: `tensorflow-2.21.0-${process.platform}-${process.arch}-cpu`, size: 8 });
    expect(engine!.problems).to.deep.equal([]);
  });

  it('a missing file and one of another size are named; another content of the same size only with verify', async () => {
    const folder = writeEngine(home, { files: { a: '12345', b: '123', c: '1' } });
    rmSync(join(folder, 'a'));
    writeFileSync(join(folder, 'b'), '1234');
    writeFileSync(join(folder, 'c'), '2');
    expect(await problems()).to.deep.equal(['a is missing', 'b has 4 bytes, not 3']);
    expect(await problems(true)).to.deep.equal([
      'a is missing',
      'b has 4 bytes, not 3',
      'c has another content than was installed',
    ]);
  });

  it('a folder without a manifest, or with half of one, is damaged', async () => {
    mkdirSync(join(home, 'engines/tensorflow-x'), { recursive: true });
    expect((await problems())[0]).to.contain('manifest.json');
    writeFileSync(join(home, 'engines/tensorflow-x/manifest.json'), '{"format": "gearnn-engine"');
    expect((await problems())[0]).to.contain("expected an engine's manifest");
    writeFileSync(join(home, 'engines/tensorflow-x/manifest.json'), '{"format": "gearnn-engine"}');
    expect((await problems())[0]).to.contain('tensorflow');
  });

  it('the lock and installations under way are not engines', async () => {
    writeEngine(home);
    mkdirSync(join(home, 'engines/.tmp-tensorflow'));
    writeFileSync(join(home, 'engines/.lock'), '');
    expect(await listEngines(home)).to.have.length(1);
  });

  it('the only engine is removed without a name, with the wheels kept for it', async () => {
    writeEngine(home);
    const { name } = (await listEngines(home))[0]!;
    for (const wheels of [name, 'another']) mkdirSync(join(home, 'downloads', wheels), { recursive: true });
    expect(await removeEngine(undefined, { home })).to.include({ name });
    expect(readdirSync(join(home, 'engines'))).to.deep.equal([]);
    expect(readdirSync(join(home, 'downloads'))).to.deep.equal(['another']);
  });

  it('of several engines one must be named, and only that one goes', async () => {
    writeEngine(home);
    const folder = writeEngine(home, { version: '2.18.1' });
    expect(await codeOf(removeEngine(undefined, { home }))).to.equal('E_USAGE');
    expect(await codeOf(removeEngine('tensorflow', { home }))).to.equal('E_ENGINE_MISSING');
    const removed = await removeEngine((await listEngines(home))[0]!.name, { home });
    expect(removed.folder).to.equal(folder);
    expect(await listEngines(home)).to.have.length(1);
  });

  it('a damaged engine can be removed', async () => {
    rmSync(join(writeEngine(home), 'manifest.json'));
    await removeEngine(undefined, { home });
    expect(await listEngines(home)).to.deep.equal([]);
  });

  it('all engines and downloads are removed at once', async () => {
    writeEngine(home);
    writeEngine(home, { version: '2.18.1' });
    mkdirSync(join(home, 'downloads/tensorflow-9'), { recursive: true });
    expect(await removeAllEngines({ home })).to.have.length(2);
    expect(readdirSync(home)).to.deep.equal(['engines']);
    expect(await listEngines(home)).to.deep.equal([]);
  });

  it('with all engines goes what a killed installation left', async () => {
    mkdirSync(join(home, 'engines/.tmp-tensorflow-x-1234/lib'), { recursive: true });
    expect(await removeAllEngines({ home })).to.deep.equal([]);
    expect(readdirSync(join(home, 'engines'))).to.deep.equal([]);
  });

  describe('while an installation is under way', () => {
    const lock = (): string => join(home, 'engines/.lock');
    let folder: string;
    let events: ProgressEvent[];
    /** What an installation does that ends once somebody waits for it. */
    let finish: () => void;

    beforeEach(() => {
      folder = writeEngine(home);
      writeFileSync(lock(), JSON.stringify({ pid: process.pid, host: hostname(), token: 'x' }));
      events = [];
      finish = () => undefined;
    });

    const progress = (event: ProgressEvent): void => {
      events.push(event);
      finish();
      rmSync(lock());
    };

    it('removing one engine waits, and says so', async () => {
      await removeEngine(undefined, { home, progress });
      const task = `wait for process ${process.pid} on ${hostname()}`;
      expect(events).to.deep.equal([{ task, done: 0, total: 1, unit: 'installations' }]);
      expect(readdirSync(join(home, 'engines'))).to.deep.equal([]);
    });

    it('removing all engines waits, says so, and takes with it what was installed and downloaded by then', async () => {
      finish = () => {
        expect(readdirSync(join(home, 'engines'))).to.have.length(2);
        writeEngine(home, { version: '2.18.1' });
        mkdirSync(join(home, 'downloads/tensorflow-9'), { recursive: true });
      };
      expect(await removeAllEngines({ home, progress })).to.have.length(2);
      expect(events).to.have.length(1);
      expect(readdirSync(home)).to.deep.equal(['engines']);
      expect(readdirSync(join(home, 'engines'))).to.deep.equal([]);
    });

    it('an engine that is gone after the wait is E_ENGINE_MISSING', async () => {
      finish = () => rmSync(folder, { recursive: true });
      expect(await codeOf(removeEngine(undefined, { home, progress }))).to.equal('E_ENGINE_MISSING');
    });
  });
});
