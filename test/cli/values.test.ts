import { expect } from 'chai';
import type { Argument, Command, Option } from 'commander';
import { createProgram } from '../../cli/program.js';
import { GearnnError } from '../../src/common/errors.js';
import { expectFailure } from '../support/failure.js';

function allCommands(command: Command, path = 'gearnn'): [path: string, command: Command][] {
  return [[path, command], ...command.commands.flatMap((inner) => allCommands(inner, `${path} ${inner.name()}`))];
}

/** Everything on the command line that takes a value. */
function valued(): [where: string, target: Option | Argument][] {
  return allCommands(createProgram()).flatMap(([path, command]) => [
    ...command.options
      .filter(({ required, optional }) => required || optional)
      .map((option): [string, Option] => [`${path} ${option.long}`, option]),
    ...command.registeredArguments.map((argument): [string, Argument] => [`${path} ${argument.name()}`, argument]),
  ]);
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof GearnnError ? error.code : String(error);
  }
  return 'taken';
}

const call = (...words: string[]): Promise<unknown> => createProgram().parseAsync(['node', 'gearnn', ...words]);

describe('cli: values', () => {
  it('no option or argument of any command takes an empty value', () => {
    const all = valued();
    expect(all.length).to.be.above(100);
    for (const [where, target] of all) {
      for (const text of ['', ' ']) {
        expect(
          codeOf(() => target.parseArg!(text, target.defaultValue as never)),
          `${where} "${text}"`,
        ).to.equal('E_USAGE');
      }
    }
  });

  it('an empty path is a wrong call, as --out "", --out= and as an argument', async () => {
    const train = ['train', '--data', 'scenes:7', '--model', 'drn-d-22'];
    await expectFailure(call(...train, '--out', ''), 'E_USAGE', '--out', 'a path');
    await expectFailure(call(...train, '--out='), 'E_USAGE', '--out', 'a path');
    await expectFailure(call('report', ''), 'E_USAGE', 'results', 'a path');
    await expectFailure(call('infer', 'a.png', '', '--checkpoint', 'b', '--out', 'c'), 'E_USAGE', 'source');
    await expectFailure(call('split', '--base', 'a', '--others', 'b', '', '--budget', '1'), 'E_USAGE', '--others');
  });

  it('what collects values still does', () => {
    const program = createProgram();
    const [, distort] = allCommands(program).find(([path]) => path === 'gearnn distort')!;
    distort.action(() => undefined);
    program.parse([
      'node',
      'gearnn',
      'distort',
      '--level',
      'a',
      '--level',
      'b',
      '--subset',
      'c',
      '--subset',
      'd',
      '--out',
      'e',
    ]);
    expect(distort.opts()).to.deep.include({ level: ['a', 'b'], subset: ['c', 'd'], out: 'e' });
  });

  for (const [path, several, ...given] of [
    ['eval', false],
    ['frequency', false, '--checkpoint', 'a', '--data', 'b', '--out', 'c'],
    ['distort', true, '--out', 'a'],
    ['data check', true, 'a'],
    ['data render', true, 'a', '--out', 'b'],
  ] as const) {
    it(`gearnn ${path} takes --split, the older name of --subset, and its help leaves it out`, () => {
      const program = createProgram();
      const [, command] = allCommands(program).find(([name]) => name === `gearnn ${path}`)!;
      command.action(() => undefined);
      program.parse(['node', 'gearnn', ...path.split(' '), ...given, '--subset', 'c', '--split', 'd']);
      expect(command.opts()).to.deep.include({ subset: several ? ['c', 'd'] : 'd' });
      expect(command.opts()).not.to.have.property('split');
      expect(command.helpInformation()).to.contain('--subset <name>').and.not.contain('--split');
    });
  }

  it('predictions that are label maps have no subset, under its older name either', async () => {
    for (const option of ['--subset', '--split']) {
      const given = ['--predictions', 'a', '--labels', 'b', '--classes', '2', option, 'c'];
      const error = await call('eval', ...given).catch((reason: unknown) => reason);
      expect(error).to.have.property('code', 'E_USAGE');
      expect(String(error)).to.contain('--subset');
    }
  });
});
