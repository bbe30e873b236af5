import { expect } from 'chai';
import ts from 'typescript';
import { nodesOf, readSource, sourceFiles } from '../support/sources.js';

const READER = 'src/common/text-file.ts';

/** Reads of files as text: `readFile(..., 'utf8')`, `readFileSync(..., { encoding: ... })`. */
function directReads(path: string): string[] {
  return [...nodesOf(path)]
    .filter(ts.isCallExpression)
    .filter(
      ({ expression, arguments: given }) => /(^|\.)readFile(Sync)?$/.test(expression.getText()) && given.length > 1,
    )
    .map((call) => `${path}: ${call.getText()}`);
}

describe('architecture: text', () => {
  it('every file that is read as text is read by common/text-file.ts, which takes a byte order mark away', () => {
    const paths = [...sourceFiles('src'), ...sourceFiles('cli')].filter((path) => path !== READER);
    expect(paths.flatMap(directReads)).to.deep.equal([]);
  });

  it('that reader is used', () => {
    const users = sourceFiles('src').filter((path) => /\breadText(Sync)?\(/.test(readSource(path)));
    expect(users.length).to.be.greaterThan(10);
  });
});
