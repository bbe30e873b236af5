import type { Argument, Command, Option } from 'commander';
import { fail } from '../src/common/errors.js';

/**
 * What holds for every value on the command line, whatever the command: none is empty, as an unset variable in a script makes it. Of an
 * option that is given twice the last counts, as everywhere: scripts add what differs to a call that they repeat.
 */
export function guardValues(command: Command): void {
  command.options.forEach(guardOption);
  for (const argument of command.registeredArguments) {
    guardValue(argument, argument.name(), { variadic: argument.variadic });
  }
  for (const inner of command.commands) guardValues(inner);
}

function guardOption(option: Option): void {
  if (!option.required && !option.optional) return;
  guardValue(option, option.long ?? option.short ?? option.flags, option);
}

/** Makes an option collect the value of each use: `--level a --level b` -> `['a', 'b']`. */
export function collecting(option: Option): Option {
  return option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
}

type Parser = (text: string, before: unknown) => unknown;

function guardValue(target: Argument | Option, where: string, { variadic }: { variadic: boolean }): void {
  const parse = target.parseArg as Parser | undefined;
  const guarded: Parser = (text, before) => {
    if (text.trim() === '') {
      fail('E_USAGE', {
        where,
        expected: valueOf(target),
        got: text === '' ? 'an empty text' : 'blanks',
        todo: 'Perhaps a variable of a script is not set.',
      });
    }
    if (parse) return parse(text, before);
    if (!variadic) return text;
    return before === target.defaultValue || !Array.isArray(before) ? [text] : [...(before as string[]), text];
  };
  target.argParser(guarded);
}

/** `a path`, or what else stands in the angle brackets. */
function valueOf(target: Argument | Option): string {
  const name = 'flags' in target ? (/[<[]([^>\]]+)[>\]]/.exec(target.flags)?.[1] ?? 'value') : target.name();
  return isPath(name) ? `a path (${name.replace('...', '')})` : `a value (${name.replace('...', '')})`;
}

/** Whether what stands in the angle brackets is a path, or may be one. */
function isPath(name: string): boolean {
  return /^(dir|file|folder|image|wheel|config|results|source|spec)\b/.test(name);
}
