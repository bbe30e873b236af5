import { expect } from 'chai';
import ts from 'typescript';
import { nodesOf, placeOf, sourceFiles } from '../support/sources.js';

/** Calls of `tf.tidy` that give back values of a tensor, all of them: `tf.tidy` then looks at each, where `tidyValues` does not. */
function valuesTidied(path: string, text?: string): string[] {
  const found: string[] = [];
  for (const node of nodesOf(path, text)) {
    if (!ts.isCallExpression(node) || node.expression.getText() !== 'tf.tidy') continue;
    for (const returned of node.arguments.flatMap(returnsOf)) {
      if (holdsValues(returned)) found.push(placeOf(path, returned));
    }
  }
  return found;
}

/** What a function returns, but not what functions inside it do. */
function returnsOf(fn: ts.Node): ts.Node[] {
  if (!ts.isArrowFunction(fn) && !ts.isFunctionExpression(fn)) return [];
  if (!ts.isBlock(fn.body)) return [fn.body];
  const found: ts.Node[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
    ts.forEachChild(node, look);
  };
  look(fn.body);
  return found;
}

/** One value, `dataSync()[0]`, is none of them. */
function holdsValues(node: ts.Node): boolean {
  if (ts.isElementAccessExpression(node)) return false;
  if (ts.isPropertyAccessExpression(node) && /^(data|array)Sync$/.test(node.name.text)) return true;
  return ts.forEachChild(node, (child) => holdsValues(child) || undefined) ?? false;
}

describe('architecture: values out of tf.tidy', () => {
  it('go by tidyValues, which does not look through them for tensors', () => {
    expect([...sourceFiles('src'), ...sourceFiles('cli')].flatMap((path) => valuesTidied(path))).to.deep.equal([]);
  });

  it('are found where a function returns them, in whatever, and one value is not', () => {
    const of = (text: string): string[] => valuesTidied('a.ts', text);
    expect(of('tf.tidy(() => x.dataSync());')).to.deep.equal(['a.ts:1']);
    expect(of('tf.tidy(() => {\n  return { loss: y.dataSync()[0], all: x.arraySync() };\n});')).to.deep.equal([
      'a.ts:2',
    ]);
    expect(of('tf.tidy(() => x.dataSync()[0]!);')).to.deep.equal([]);
    expect(of('tf.tidy(() => {\n  values = x.dataSync();\n});')).to.deep.equal([]);
  });
});
