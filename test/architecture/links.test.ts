import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, readSource } from '../support/sources.js';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Relative links of a page that lead to no file. */
function brokenLinks(page: string, text = readSource(page)): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map((match) => match[1]!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(ROOT, dirname(page), target)));
}

describe('architecture: pages', () => {
  it('every link between pages leads to a file', () => {
    expect(PAGES.flatMap((page) => brokenLinks(page).map((target) => `${page}: ${target}`))).to.deep.equal([]);
  });

  it('a link to nothing is found, and one to another site is left alone', () => {
    const text = '[a](no/such.md) [b](../LICENSE) [c](https://example.org/x) [d](architecture.md#folders)';
    expect(brokenLinks('docs/x.md', text)).to.deep.equal(['no/such.md']);
  });

  it('docs/README.md names every page', () => {
    const index = readSource('docs/README.md');
    const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(pages.filter((page) => !index.includes(`](${page.slice('docs/'.length)})`))).to.deep.equal([]);
  });
});
