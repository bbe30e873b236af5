import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/sources.js';

/** Makes Node name another version of itself, as early as a module can. */
const OLD_NODE = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.0'}})`;

/** Called as npm would be where npm runs the set-up. */
const FAKE_NPM = join(ROOT, 'test/scripts/support/npm-cli.js');

describe('scripts: set-up', function () {
  this.timeout(300_000);
  let clone: string;

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'gearnn-clone-'));
    for (const path of [
      'package.json',
      'package-lock.json',
      '.npmrc',
      'tsconfig.json',
      'tsconfig.build.json',
      'scripts',
    ]) {
      cpSync(join(ROOT, path), join(clone, path), { recursive: true });
    }
  });

  afterEach(() => rmSync(clone, { recursive: true, force: true }));

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
      err: 'setup: expected Node.js 20.10 or newer, got 18.20.0. Install it from https://nodejs.org and run again.\n',
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

  describe('with what npm leaves out', () => {
    const production = { NODE_ENV: 'production', npm_execpath: FAKE_NPM };
    const calls = (): string[] => readFileSync(join(clone, 'npm.log'), 'utf8').trimEnd().split('\n');

    it('in production it installs the compiler too, and builds; the next one has nothing to do', () => {
      expect(setUp(production)).to.deep.include({ code: 0 });
      expect(existsSync(join(clone, 'dist/cli/main.js'))).to.equal(true);
      expect(setUp(production).err).to.equal('Set up. Next: npm run demo, or npx gearnn --help\n');
      expect(calls()).to.deep.equal(['ci']);
    });

    it('a compiler that went away is installed again, though the set-up was done', () => {
      setUp(production);
      rmSync(join(clone, 'node_modules/typescript'), { recursive: true });
      writeFileSync(join(clone, 'tsconfig.build.json'), '{}');
      expect(setUp(production)).to.deep.include({ code: 0 });
      expect(calls()).to.deep.equal(['ci', 'install']);
    });

    it('a package that is missing when npm ends well is asked for again', () => {
      expect(setUp({ ...production, LEFT_OUT: 'chai' })).to.deep.include({ code: 0 });
      setUp(production);
      setUp(production);
      expect(calls()).to.deep.equal(['ci', 'install']);
    });
  });

  it('a build holds what lies beside the sources; one that fails names the source and leaves the last as it was', () => {
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
