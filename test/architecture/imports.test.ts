import { expect } from 'chai';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { nodesOf, placeOf, readSource, sourceFiles } from '../support/sources.js';

/** The folders of docs/architecture.md, in the order of its table. */
const ORDER = [...readSource('docs/architecture.md').matchAll(/^\| `([a-z]+)` +\|/gm)].map((match) => match[1]!);
const FILES = [...sourceFiles('src'), ...sourceFiles('cli')];

/** `src/train/loss.ts` -> `train`, `cli/eval.ts` -> `cli`; undefined for src/index.ts, which may import all. */
function folderOf(path: string): string | undefined {
  const parts = path.split('/');
  if (parts[0] !== 'src') return parts[0];
  return parts.length > 2 ? parts[1] : undefined;
}

/** Imports of a file that stay inside the repository, types and `import()` included. */
function imports(path: string, text = readSource(path)): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => join(dirname(path), name));
}

/** Folders that the engine and its installer are made of, so that the two could be a package of their own. */
const ENGINE = ['engine', 'common'];

/** What the files of these folders import from others, packages aside. */
function importsOutside(folders: readonly string[], graph: ReadonlyMap<string, string[]>): string[] {
  const isInside = (path: string): boolean => folders.includes(folderOf(path) ?? '');
  return [...graph]
    .filter(([path]) => isInside(path))
    .flatMap(([path, targets]) => targets.filter((to) => !isInside(to)).map((to) => `${path} imports ${to}`));
}

/** Each file with the files that it imports. */
function importGraph(files: readonly string[]): Map<string, string[]> {
  return new Map(files.map((path) => [path, imports(path).map((target) => target.replace(/\.(c?)js$/, '.$1ts'))]));
}

/** Files from which a way of imports leads back to themselves, each cycle once: `a.ts -> b.ts -> a.ts`. */
function cycles(graph: ReadonlyMap<string, string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const from = way.indexOf(path);
    if (from >= 0) found.push([...way.slice(from), path].join(' -> '));
    if (from >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/** What is wrong with the imports of one file. */
function wrongImports(path: string, text?: string): string[] {
  const from = folderOf(path);
  if (from === undefined) return [];
  return imports(path, text)
    .map((target) => ({ target, to: folderOf(target) }))
    .filter(({ to }) => to !== from)
    .filter(({ to }) => (to === undefined ? from !== 'cli' : ORDER.indexOf(to) <= ORDER.indexOf(from)))
    .map(({ target }) => `${path} imports ${target}`);
}

const WAYS_OUT = ['argv', 'exit', 'exitCode', 'stdout', 'stderr', 'stdin'];

/** Where a file prints, exits or reads the command line. */
function terminalUses(path: string, text?: string): string[] {
  const found: string[] = [];
  for (const node of nodesOf(path, text)) {
    if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) continue;
    const object = node.expression.text;
    if (object === 'console' || (object === 'process' && WAYS_OUT.includes(node.name.text))) {
      found.push(`${placeOf(path, node)} ${object}.${node.name.text}`);
    }
  }
  return found;
}

describe('architecture: imports', () => {
  it('docs/architecture.md orders every folder of src, and cli', () => {
    const folders = new Set(FILES.map(folderOf).filter((folder) => folder !== undefined));
    expect(ORDER).to.include.members([...folders]);
    expect(new Set(ORDER).size).to.equal(ORDER.length);
    expect(ORDER[0]).to.equal('cli');
    expect(ORDER.at(-1)).to.equal('common');
  });

  it('every folder imports only from folders after it', () => {
    expect(FILES.flatMap((path) => wrongImports(path))).to.deep.equal([]);
  });

  it('an import that points upwards is found, as a type, an export and a lazy import too', () => {
    const text = [
      "import { a } from '../train/loop.js';",
      "import type { B } from '../eval/iou.js';",
      "export * from '../../cli/output.js';",
      "const c = await import('../report/table.js');",
      "import { d } from '../engine/compile.js';",
      "import { e } from '../index.js';",
    ].join('\n');
    expect(wrongImports('src/models/drn.ts', text)).to.deep.equal([
      'src/models/drn.ts imports src/train/loop.js',
      'src/models/drn.ts imports src/eval/iou.js',
      'src/models/drn.ts imports cli/output.js',
      'src/models/drn.ts imports src/report/table.js',
      'src/models/drn.ts imports src/index.js',
    ]);
  });

  it('no files import each other in circles, types included', () => {
    expect(cycles(importGraph(FILES))).to.deep.equal([]);
  });

  it('a circle is found, once, and what leads to it is none', () => {
    const graph = new Map([
      ['a.ts', ['b.ts', 'd.ts']],
      ['b.ts', ['c.ts', 'd.ts']],
      ['c.ts', ['b.ts']],
      ['d.ts', []],
      ['e.ts', ['e.ts', 'a.ts']],
    ]);
    expect(cycles(graph)).to.deep.equal(['b.ts -> c.ts -> b.ts', 'e.ts -> e.ts']);
  });

  it('the engine with its installer knows nothing of networks: it imports only from common, and packages', () => {
    expect(importsOutside(ENGINE, importGraph(FILES))).to.deep.equal([]);
  });

  it('an import that leads out of the engine is found', () => {
    const graph = new Map([
      ['src/engine/start.ts', ['src/common/errors.ts', 'src/ops/index.ts', 'src/index.ts']],
      ['src/ops/index.ts', ['src/models/drn.ts']],
    ]);
    expect(importsOutside(ENGINE, graph)).to.deep.equal([
      'src/engine/start.ts imports src/ops/index.ts',
      'src/engine/start.ts imports src/index.ts',
    ]);
  });

  it('src never prints, exits or reads the command line', () => {
    expect(sourceFiles('src').flatMap((path) => terminalUses(path))).to.deep.equal([]);
  });

  it('a use of the terminal is found, and one in a comment is none', () => {
    const text = '// console.log\nconsole.log(1);\nprocess.exit(2);\nconst a = process.argv[2];\nprocess.env.HOME;\n';
    expect(terminalUses('src/a.ts', text).sort()).to.deep.equal([
      'src/a.ts:2 console.log',
      'src/a.ts:3 process.exit',
      'src/a.ts:4 process.argv',
    ]);
  });
});
