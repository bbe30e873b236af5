import { expect } from 'chai';
import ts from 'typescript';
import { errorsPage } from '../../scripts/docs/errors-page.js';
import { ERROR_CODES, USAGE_CODES } from '../../src/common/errors.js';
import { nodesOf, readSource, sourceFiles } from '../support/sources.js';

const REGISTRY = 'src/common/errors.ts';
const CODES = Object.keys(ERROR_CODES);

/** Every `E_...` string that the sources use outside the registry: the first argument of fail(), or handed on to it. */
function codesUsed(): Set<string> {
  const used = new Set<string>();
  for (const path of [...sourceFiles('src'), ...sourceFiles('cli')]) {
    if (path === REGISTRY) continue;
    for (const node of nodesOf(path))
      if (ts.isStringLiteral(node) && /^E_[A-Z_0-9]+$/.test(node.text)) used.add(node.text);
  }
  return used;
}

describe('architecture: errors', () => {
  it('the codes are in alphabetical order', () => {
    expect(CODES).to.deep.equal([...CODES].sort());
  });

  it('docs/errors.md lists every code, and no other', () => {
    const listed = [...readSource('docs/errors.md').matchAll(/^\| `(E_[A-Z_0-9]+)` \|/gm)].map((match) => match[1]);
    expect(listed).to.deep.equal(CODES);
  });

  it('docs/errors.md is what `npm run docs` writes', () => {
    expect(readSource('docs/errors.md')).to.equal(errorsPage());
  });

  it('every code is raised somewhere', () => {
    const used = codesUsed();
    expect(CODES.filter((code) => !used.has(code))).to.deep.equal([]);
  });

  it('every wrong call has a code of the registry', () => {
    expect(CODES).to.include.members([...USAGE_CODES]);
  });
});
