import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/sources.js';

/** Makes Node name another version of itself, as early as a module can. */
const OLD_NODE = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.0'}})`;

describe('scripts: set-up', function () {
  this.timeout(300_000);
  let clone: string;

  before(() => {
    clone = mkdtempSync(join(tmpdir(), 'gearnn-clone-'));
    for (const path of ['package.json', 'package-lock.json', '.npmrc', 'scripts']) {
      cpSync(join(ROOT, path), join(clone, path), { recursive: true });
    }
  });

  after(() => rmSync(clone, { recursive: true, force: true }));

  function setUp(environment: Record<string, string> = {}, ...node: string[]): { code: number | null; err: string } {
    const { status, stderr } = spawnSync(process.execPath, [...node, 'scripts/setup.mjs', '--no-engine'], {
      cwd: clone,
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
    return { code: status, err: stderr };
  }

  function build(): { code: number | null; err: string } {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: clone, encoding: 'utf8' });
    return { code: status, err: stderr };
  }

  it('an old Node is named before anything is done', () => {
    expect(setUp({}, '--import', OLD_NODE)).to.deep.equal({
      code: 1,
      err: 'setup: expected Node.js 20.9 or newer, got 18.20.0. Install it from https://nodejs.org and run again.\n',
    });
  });

  it('a registry out of reach ends in one line that says so', () => {
    const { code, err } = setUp({
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_cache: join(clone, 'cache'),
      npm_config_fetch_retries: '0',
    });
    expect(code).to.equal(1);
    expect(err).to.match(
      /^Installing dependencies \(npm ci\) \.\.\.\nsetup: expected npm's registry within reach, got ECONNREFUSED\. .*\n$/,
    );
  });

  it('a build holds what lies beside the sources; one that fails names the source and leaves the last as it was', () => {
    for (const path of ['tsconfig.json', 'tsconfig.build.json']) cpSync(join(ROOT, path), join(clone, path));
    symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
    mkdirSync(join(clone, 'cli'));
    writeFileSync(join(clone, 'cli/main.ts'), "export const answer: string = '42';\n");
    writeFileSync(join(clone, 'cli/beside.txt'), 'read by cli/main.ts');
    expect(build()).to.deep.equal({ code: 0, err: '' });
    expect(readFileSync(join(clone, 'dist/cli/beside.txt'), 'utf8')).to.equal('read by cli/main.ts');
    const built = readFileSync(join(clone, 'dist/cli/main.js'), 'utf8');
    writeFileSync(join(clone, 'cli/main.ts'), 'export const answer: string = 42;\n');
    const { code, err } = build();
    expect(code).to.equal(1);
    expect(err).to.contain('cli/main.ts(1,14): error TS2322');
    expect(readFileSync(join(clone, 'dist/cli/main.js'), 'utf8')).to.equal(built);
    expect(readdirSync(clone).filter((name) => name.startsWith('dist'))).to.deep.equal(['dist']);
  });
});
