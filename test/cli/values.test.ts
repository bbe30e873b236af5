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

  it('an option that takes one value is not given two; both are named', async () => {
    await expectFailure(
      call('eval', '--checkpoint', 'a', '--checkpoint', 'b'),
      'E_USAGE',
      '--checkpoint',
      'both a and b',
    );
    await expectFailure(call('bench', 'train', '--steps', '2', '--steps=3'), 'E_USAGE', '--steps', 'both 2 and 3');
  });

  it('nor are an option and its opposite', () =>
    expectFailure(
      call('infer', 'a.png', '--checkpoint', 'b', '--live', '--no-live'),
      'E_USAGE',
      '--live',
      '--no-live',
    ));

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
      '--split',
      'c',
      '--split',
      'd',
      '--out',
      'e',
    ]);
    expect(distort.opts()).to.deep.include({ level: ['a', 'b'], split: ['c', 'd'], out: 'e' });
  });
});
