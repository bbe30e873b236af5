import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addonSources } from '../../src/engine/install/compile.js';
import { writeEngine } from '../engine/support/engine.js';
import { gearnn } from './support/gearnn.js';

const NAME = `tensorflow-2.21.0-${process.platform}-${process.arch}-cpu`;

describe('cli: engine', () => {
  let home: string;

  const outer = process.env.GEARNN_HOME;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'gearnn-home-'));
    process.env.GEARNN_HOME = home;
  });
  afterEach(() => {
    if (outer === undefined) delete process.env.GEARNN_HOME;
    else process.env.GEARNN_HOME = outer;
    rmSync(home, { recursive: true, force: true });
  });

  it('list shows what is installed, and what mends what is damaged', async () => {
    expect((await gearnn('engine', 'list')).out).to.contain('TensorFlow is not installed. Run gearnn engine install.');
    const folder = writeEngine(home, { files: { a: 'content' } });
    expect((await gearnn('engine', 'list')).out.split('\n')[1]).to.match(new RegExp(`^${NAME} +0 MB +ok +${folder}$`));
    rmSync(join(folder, 'a'));
    const { out } = await gearnn('engine', 'list');
    expect(out.split('\n')[1]).to.match(/ damaged /);
    expect(out).to.contain(`${NAME}: a is missing\nRun gearnn engine install to replace what is damaged.\n`);
  });

  it('list and doctor tell which engine another gearnn built, and what builds it anew', async () => {
    writeEngine(home);
    const { out } = await gearnn('engine', 'list');
    expect(out).to.contain(`${NAME}: built by another version of gearnn: it runs, and takes more memory and time.`);
    writeEngine(home, { sources: 'f'.repeat(64) });
    const { engines } = JSON.parse((await gearnn('engine', 'list', '--json')).out) as {
      engines: { installed: boolean; installs?: { current: boolean }[] }[];
    };
    expect(engines[0]).to.include({ installed: true });
    expect(engines[0]!.installs![0]).to.include({ current: false });
    expect((await gearnn('doctor')).out).to.match(/another version of gearnn.*\n +run: gearnn engine install\n/);
  });

  it('list --json tells machines of every engine whether it is there', async () => {
    const folder = writeEngine(home, { files: { a: 'content' }, sources: await addonSources() });
    expect(JSON.parse((await gearnn('engine', 'list', '--json')).out)).to.deep.equal({
      home,
      engines: [
        {
          name: 'tensorflow',
          installed: true,
          installs: [
            { name: NAME, folder, version: '2.21.0', gpu: false, size: 7, state: 'ok', current: true, problems: [] },
          ],
        },
        { name: 'wasm', installed: true },
        { name: 'cpu', installed: true },
      ],
    });
  });

  it('remove says what it removed; a second time there is nothing', async () => {
    writeEngine(home);
    expect(await gearnn('engine', 'remove')).to.deep.equal({ code: 0, out: `Removed ${NAME} (0 MB).\n`, err: '' });
    const { code, err } = await gearnn('engine', 'remove');
    expect(code).to.equal(1);
    expect(err).to.contain('(E_ENGINE_MISSING)');
  });

  it('install refuses a version that is none, and a version beside a wheel', async () => {
    expect(await gearnn('engine', 'install', '--tensorflow', 'newest')).to.include({ code: 2 });
    expect(await gearnn('engine', 'install', '--tensorflow', '2.21.0', '--from', 'x.whl')).to.include({ code: 2 });
  });

  it('doctor --json is one value, and exits with 0 where an engine works', async () => {
    const { code, out } = await gearnn('doctor', '--json');
    expect(code).to.equal(0);
    const { ok, engines, checks } = JSON.parse(out) as {
      ok: boolean;
      engines: { name: string }[];
      checks: { name: string }[];
    };
    expect(ok).to.equal(true);
    expect(engines.map(({ name }) => name)).to.deep.equal(['wasm']);
    expect(checks.map(({ name }) => name)).to.include.members(['node', 'python', 'compiler', 'tensorflow', 'wasm']);
  });
});
