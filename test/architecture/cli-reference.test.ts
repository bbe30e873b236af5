import { expect } from 'chai';
import { Command } from 'commander';
import { createProgram } from '../../cli/program.js';
import { cliPage } from '../../scripts/docs/cli-page.js';
import { readSource, sourceFiles } from '../support/sources.js';

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece) });
  command.outputHelp();
  return text;
}

describe('architecture: command line', () => {
  it('docs/cli.md is what `npm run docs` writes', () => {
    expect(readSource('docs/cli.md')).to.equal(cliPage());
  });

  it('every file with a register function is in cli/commands.ts', () => {
    const files = sourceFiles('cli').filter((path) => /^export function register\(/m.test(readSource(path)));
    const registered = readSource('cli/commands.ts');
    expect(
      files.filter((path) => !registered.includes(`'./${path.slice('cli/'.length, -'.ts'.length)}.js'`)),
    ).to.deep.equal([]);
  });

  it('every command that runs shows examples in its help, each a call of that command', () => {
    const leaves = everyCommand(createProgram()).filter(({ commands }) => commands.length === 0);
    const without = leaves.filter((command) => !helpOf(command).includes(`$ gearnn ${pathOf(command)}`));
    expect(without.map(pathOf)).to.deep.equal([]);
  });
});

/** `engine install` */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : '';
}
