import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { nodesOf, placeOf, readSource, ROOT, sourceFiles } from '../support/sources.js';

/** What Node has not had from its version 20.10 on, and since when it has: types of a newer Node let it pass. */
const NEWER: Record<string, string> = {
  'import.meta.dirname': '20.11',
  'import.meta.filename': '20.11',
  parentPath: '20.12',
  styleText: '20.12',
  loadEnvFile: '20.12',
  parseEnv: '20.12',
  availableMemory: '20.13',
  getBuiltinModule: '20.16',
};

function newerIn(path: string, text = readSource(path)): string[] {
  const names = [...nodesOf(path, text)].filter((node) => ts.isIdentifier(node) || ts.isPropertyAccessExpression(node));
  return names
    .filter((node) => Object.hasOwn(NEWER, node.getText()))
    .map((node) => `${placeOf(path, node)}: ${node.getText()}, since Node ${NEWER[node.getText()]}`);
}

describe('architecture: the oldest Node', () => {
  it('has all that the sources use', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
    expect(engines.node).to.equal('>=20.10');
    expect(['src', 'cli'].flatMap(sourceFiles).flatMap((path) => newerIn(path))).to.deep.equal([]);
  });

  it('what it does not have is found', () => {
    const text = 'stat(join(entry.parentPath, import.meta.dirname));';
    expect(newerIn('src/x.ts', text)).to.have.members([
      'src/x.ts:1: parentPath, since Node 20.12',
      'src/x.ts:1: import.meta.dirname, since Node 20.11',
    ]);
  });
});
