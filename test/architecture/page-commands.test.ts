import { expect } from 'chai';
import type { Command } from 'commander';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../../cli/program.js';
import { readSource, ROOT } from '../support/sources.js';

const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
];

/** Options of a line `gearnn ...` that no such command has. */
function strangers(line: string): string[] {
  let command: Command = createProgram();
  const known = new Set(['--help', '--version']);
  for (const word of line.trim().split(/\s+/)) {
    const inner = command.commands.find((other) => other.name() === word);
    for (const { long } of command.options) known.add(long!);
    if (!inner) break;
    command = inner;
  }
  return (line.match(/(?<!\S)--[a-z][a-z0-9-]*/g) ?? []).filter((option) => !known.has(option));
}

describe('architecture: commands of the pages', () => {
  it('have options that there are', () => {
    const found: string[] = [];
    let lines = 0;
    for (const page of PAGES) {
      const text = readSource(page).replaceAll('\\\n', ' ');
      for (const [, line] of text.matchAll(/^(?:[A-Z_]+=\S+ )?npx gearnn ([^\n#]+)/gm)) {
        lines++;
        for (const option of strangers(line!)) found.push(`${page}: ${option} in ${line}`);
      }
    }
    expect(lines).to.be.above(50);
    expect(found).to.deep.equal([]);
  });

  it('one that another command has is found', () => {
    expect(strangers('split --checkpoint base --budget 1%')).to.deep.equal(['--checkpoint']);
  });
});
