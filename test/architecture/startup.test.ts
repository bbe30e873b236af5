import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { nodesOf, readSource, ROOT, sourceFiles } from '../support/sources.js';

/** What may load before a command's action runs; all of it together starts in a tenth of a second. */
const LIGHT = /^(node:.*|commander|cli-progress|zod)$/;

/** Modules that a file loads when it is imported itself: no types, no `import()`. */
function loads(path: string, text = readSource(path)): string[] {
  const found: string[] = [];
  for (const node of nodesOf(path, text)) {
    if (ts.isImportDeclaration(node) && !onlyTypes(node.importClause)) found.push(textOf(node.moduleSpecifier));
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && !node.isTypeOnly)
      found.push(textOf(node.moduleSpecifier));
    if (ts.isImportEqualsDeclaration(node) && !node.isTypeOnly && ts.isExternalModuleReference(node.moduleReference))
      found.push(textOf(node.moduleReference.expression));
  }
  return found;
}

function textOf(node: ts.Expression): string {
  return (node as ts.StringLiteral).text;
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name || !names || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

/** Packages that a file loads through everything it imports, each with the file that names it. */
function packagesLoadedBy(entry: string): string[] {
  const seen = new Set([entry]);
  const packages: string[] = [];
  for (const path of seen) {
    for (const name of loads(path)) {
      if (!name.startsWith('.')) packages.push(`${path} loads ${name}`);
      else {
        const target = join(dirname(path), name.replace(/\.(c?)js$/, '.$1ts'));
        if (existsSync(join(ROOT, target))) seen.add(target);
      }
    }
  }
  return packages;
}

describe('architecture: start of the command line', () => {
  it('`gearnn --help` loads no engine, image library or other heavy package', () => {
    const packages = packagesLoadedBy('cli/run.ts');
    expect(packages).to.include('cli/program.ts loads commander');
    expect(packages.filter((line) => !LIGHT.test(line.split(' loads ')[1]!))).to.deep.equal([]);
  });

  it('the process that answers HTTP loads no engine, which has one of its own, and gRPC only when it is asked for', () => {
    const packages = packagesLoadedBy('src/serve/server.ts');
    expect(packages).to.include('src/serve/http/app.ts loads fastify');
    expect(packages.filter((line) => /tensorflow|@grpc/.test(line))).to.deep.equal([]);
    // Loaded where adaptors come from a bucket.
    expect(packagesLoadedBy('src/serve/bucket/mirror.ts').filter((line) => /tensorflow/.test(line))).to.deep.equal([]);
    expect(packagesLoadedBy('src/serve/grpc/server.ts').some((line) => line.includes('@grpc'))).to.equal(true);
    const engine = packagesLoadedBy('src/serve/engine/entry.ts');
    expect(engine.some((line) => line.includes('@tensorflow/tfjs'))).to.equal(true);
  });

  it('TensorFlow.js is required in one place, as `import` reads its file twice', () => {
    const files = [...sourceFiles('src'), ...sourceFiles('cli')];
    expect(files.filter((path) => loads(path).includes('@tensorflow/tfjs'))).to.deep.equal(['src/common/tf.cts']);
  });

  it('tells what is loaded from types and from what an action loads later', () => {
    const text = [
      "import type { A } from 'a';",
      "import { type B } from 'b';",
      "import { type C, d } from 'c';",
      "import * as e from 'e';",
      "import 'f';",
      "export { g } from 'g';",
      "export type { H } from 'h';",
      "const i = await import('i');",
      "import j = require('j');",
    ].join('\n');
    expect(loads('cli/x.ts', text).sort()).to.deep.equal(['c', 'e', 'f', 'g', 'j']);
  });
});
