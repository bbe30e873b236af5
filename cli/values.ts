import type { Argument, Command, Option } from 'commander';
import { fail } from '../src/common/errors.js';

/**
 * What holds for every value on the command line, whatever the command: none is empty, as an unset variable in a script makes it, and an
 * option that takes one value is not given two, of which the last would win.
 */
export function guardValues(command: Command): void {
  for (const option of command.options) guardOption(command, option);
  for (const argument of command.registeredArguments) {
    guardValue(argument, argument.name(), { variadic: argument.variadic });
  }
  for (const inner of command.commands) guardValues(inner);
}

function guardOption(command: Command, option: Option): void {
  const name = option.long ?? option.short ?? option.flags;
  if (
    option.negate ||
    command.options.some((other) => other.negate && other.attributeName() === option.attributeName())
  )
    refuseOpposites(command, option);
  if (!option.required && !option.optional) return;
  // An option that collects says so by what it makes of a second value.
  const collects = option.variadic || COLLECTS.has(option);
  guardValue(option, name, { variadic: option.variadic });
  if (collects) return;
  let before: string | undefined;
  command.on(`option:${option.name()}`, (value: string) => {
    if (before !== undefined && before !== value) {
      fail('E_USAGE', {
        where: name,
        expected: 'this option once',
        got: `both ${before} and ${value}`,
        todo: 'Leave one out.',
      });
    }
    before = value;
  });
}

const COLLECTS = new WeakSet<Option>();

/** Makes an option collect the value of each use: `--level a --level b` -> `['a', 'b']`. */
export function collecting(option: Option): Option {
  COLLECTS.add(option);
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

/** `--live --no-live`: the last would win. */
function refuseOpposites(command: Command, option: Option): void {
  const opposite = command.options.find(
    (other) => other.attributeName() === option.attributeName() && other.negate !== option.negate,
  );
  if (!opposite) return;
  const given = GIVEN.get(command) ?? new Set<string>();
  GIVEN.set(command, given);
  command.on(`option:${option.name()}`, () => {
    if (given.has(opposite.name())) {
      fail('E_USAGE', { where: option.long!, expected: `this option or ${opposite.long!}`, got: 'both' });
    }
    given.add(option.name());
  });
}

/** Flags that were given and have an opposite. */
const GIVEN = new WeakMap<Command, Set<string>>();
