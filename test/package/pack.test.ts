import { expect } from 'chai';
import { execFile, type ExecFileException } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, readSource } from '../support/sources.js';
import { missing } from '../support/tools.js';

const execute = promisify(execFile);

/** Errors of npm that mean that the registry is out of reach. */
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/;

/** Runs a program without the variables that npm gives to `npm test`, which would change what npm does in the project. */
async function call(folder: string, program: string, ...parameters: string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$/i.test(name)));
  const { stdout } = await execute(program, parameters, { cwd: folder, env, maxBuffer: 1 << 26 });
  return stdout;
}

/** Parts of the library with an entry of their own: `src/ops` registers what it has, and gives nothing to users; ONNX is a part of models. */
const PARTS = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .flatMap((path) => /^(?:models[/\\](?=onnx))?(\w+)[/\\]index\.ts$/.exec(path)?.[1] ?? [])
  .filter((part) => part !== 'ops');

/** Examples in TypeScript of all pages, those that import the library. */
function examples(): { page: string; code: string }[] {
  const pages = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];
  return pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) =>
      [...readSource(page).matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => ({ page, code: code! })),
    )
    .filter(({ code }) => /from 'gearnn/.test(code));
}

describe('package: the packed tarball in an empty project', function () {
  this.timeout(300_000);
  let folder: string;
  let project: string;
  let packed: string[];

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'gearnn-pack-'));
    project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
    await call(ROOT, process.execPath, 'scripts/setup.mjs', '--quiet', '--no-engine');
    const [made] = JSON.parse(await call(ROOT, 'npm', 'pack', '--json', '--pack-destination', folder)) as [
      { filename: string; files: { path: string }[] },
    ];
    packed = made.files.map(({ path }) => path);
    const tarball = join(folder, made.filename);
    const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball];
    try {
      await call(project, 'npm', ...install);
    } catch (error) {
      const code = OFFLINE.exec((error as ExecFileException).stderr ?? '')?.[0];
      if (!code) throw error;
      missing(this, `needs npm's registry, which is out of reach (${code})`);
    }
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs a module of the project that prints one JSON value. */
  async function script(name: string, ...lines: string[]): Promise<unknown> {
    await writeFile(join(project, name), lines.join('\n'));
    return JSON.parse(await call(project, process.execPath, name)) as unknown;
  }

  /** What the compiler says of modules of the project. */
  function typecheck(...paths: string[]): Promise<string> {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const node = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
    const check = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023', ...node];
    return call(project, process.execPath, tsc, ...check, ...paths).catch((error: ExecFileException) => error.stdout!);
  }

  it('holds the build, the licence and the pages, and no sources, tests or maps', () => {
    const page = ['index.html', 'main.js', 'base.css', 'icon.svg'].map((name) => `dist/src/serve/page/${name}`);
    const wanted = [...page, 'dist/cli/main.js', 'dist/src/index.js', 'dist/src/index.d.ts', 'LICENSE', 'README.md'];
    expect(wanted.filter((path) => !packed.includes(path))).to.deep.equal([]);
    expect(
      packed.filter((path) => /^(src|test|scripts|dist\/bench)\/|^experiments\/(?!demo\/)|\.map$|\.tgz$/.test(path)),
    ).to.deep.equal([]);
    expect(packed.filter((path) => /^checkpoints\/(?!demo\/)/.test(path))).to.deep.equal([]);
  });

  it('`npx gearnn --version` is the version of package.json', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await call(project, 'npx', '--no-install', 'gearnn', '--version')).to.equal(`${version}\n`);
  });

  it('`npx gearnn doctor` finds an engine that starts', async () => {
    expect(await call(project, 'npx', '--no-install', 'gearnn', 'doctor')).to.match(
      /^gearnn computes on (tensorflow|wasm)/m,
    );
  });

  it('importing it starts no engine and loads no native library of one', async () => {
    const found = await script(
      'import.js',
      "import { readFileSync, existsSync } from 'node:fs';",
      "import * as tf from '@tensorflow/tfjs';",
      "await import('gearnn');",
      "const maps = existsSync('/proc/self/maps') ? readFileSync('/proc/self/maps', 'utf8') : '';",
      'console.log(JSON.stringify({ backend: tf.engine().backendName ?? null, native: /libtensorflow/.test(maps) }));',
    );
    expect(found).to.deep.equal({ backend: null, native: false });
  });

  it('its types say what knapsack takes', async () => {
    await writeFile(
      join(project, 'types.ts'),
      "import { knapsack } from 'gearnn';\nexport const chosen: number[] = knapsack([{ value: 1, size: 1 }], 1);\nknapsack('x', 1);\n",
    );
    const messages = await typecheck('types.ts');
    expect(messages.trim().split('\n')).to.have.length(1);
    expect(messages).to.match(/^types\.ts\(3,10\): error TS2345: Argument of type 'string'/);
  });

  it('has an entry for each part of the library, whose names are those that `gearnn` has of it', async () => {
    const found = (await script(
      'parts.js',
      "import * as all from 'gearnn';",
      `const parts = await Promise.all(${JSON.stringify(PARTS)}.map((part) => import('gearnn/' + part)));`,
      'const named = new Set(parts.flatMap((part) => Object.keys(part)));',
      'const counts = parts.map((part) => Object.keys(part).length);',
      'console.log(JSON.stringify({ counts, missing: Object.keys(all).filter((name) => !named.has(name)) }));',
    )) as { counts: number[]; missing: string[] };
    expect(found.counts).to.have.length(PARTS.length).and.not.include(0);
    expect(found.missing).to.have.members(['ERROR_CODES', 'GearnnError']);
    const { exports } = JSON.parse(readSource('package.json')) as { exports: object };
    expect(Object.keys(exports)).to.have.members(['.', './package.json', ...PARTS.map((part) => `./${part}`)]);
  });

  it('examples of the pages have the types of what is installed', async () => {
    const files = examples().map(({ page, code }, i) => ({ name: `${i}-${page.replace(/\W/g, '-')}.ts`, code }));
    expect(files).to.have.length.above(8);
    for (const { name, code } of files) await writeFile(join(project, name), code);
    expect(await typecheck(...files.map(({ name }) => name))).to.equal('');
  });

  it('`import { knapsack } from "gearnn"` solves a knapsack', async () => {
    // By hand: 0 and 2 weigh 5 of 5 and are worth 7; 1 alone is worth 4, 0 and 1 do not fit.
    const chosen = await script(
      'knapsack.js',
      "import { knapsack } from 'gearnn';",
      'const items = [{ value: 4, size: 3 }, { value: 4, size: 4 }, { value: 3, size: 2 }];',
      'console.log(JSON.stringify(knapsack(items, 5)));',
    );
    expect(chosen).to.deep.equal([0, 2]);
  });

  it('decodes batches in worker threads', async () => {
    const found = await script(
      'batches.js',
      "import { BatchLoader, openSource } from 'gearnn';",
      "const options = { source: openSource('scenes:1@16x32'), split: 'val', batch: 4, seed: 1, shuffle: true, workers: 2 };",
      'const loader = await BatchLoader.open(options);',
      'const shapes = [];',
      'for await (const { batch, height, width } of loader.epoch(0, 11)) shapes.push([batch, height, width]);',
      'await loader.close();',
      'console.log(JSON.stringify(shapes));',
    );
    // 50 scenes in batches of 4: the last two hold 4 and 2.
    expect(found).to.deep.equal([[4, 16, 32], [2, 16, 32]]); // prettier-ignore
  });

  it('segments an image with the demo network, and differently with an adaptor swapped in', async () => {
    await cp(join(ROOT, 'test/package/infer.js'), join(project, 'infer.js'));
    const { engine, accuracy, majority, changed } = JSON.parse(await call(project, process.execPath, 'infer.js')) as {
      engine: string;
      accuracy: { base: number; adaptor: number };
      majority: number;
      changed: number;
    };
    expect(engine).to.equal('wasm');
    // Naming the most frequent class everywhere is what a network without its weights comes to.
    expect(accuracy.base).to.be.greaterThan(majority);
    expect(accuracy.adaptor).to.be.greaterThan(majority);
    expect(changed).to.be.greaterThan(0);
  });
});
