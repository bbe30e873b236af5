import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { fail } from '../src/common/errors.js';

/** A text of the command line that may be a path. */
export interface GivenPath {
  /** What names it: `--out`, or an argument's name. */
  option: string;
  path: string;
}

/** Every text among a command's options and arguments, a dataset's kind left out: `list:DIR` is DIR. */
export function givenPaths(command: Command): GivenPath[] {
  const values = command.opts<Record<string, unknown>>();
  const options = command.options.map(
    (option) => [option.long ?? option.flags, values[option.attributeName()]] as const,
  );
  const given = command.processedArgs as unknown[];
  const inputs = command.registeredArguments.map((argument, i) => [argument.name(), given[i]] as const);
  return [...inputs, ...options].flatMap(([option, value]) =>
    [value].flat().flatMap((text) => (typeof text === 'string' ? [{ option, path: text.replace(KIND, '') }] : [])),
  );
}

const KIND = /^(cityscapes|camvid|list):/;

/**
 * Refuses a path that begins with `~/` which no shell has replaced, as in `--out=~/runs`: a folder named `~` would be made in this one.
 *
 * @throws E_USAGE unless there is a folder of that name here
 */
export function refuseTilde(command: Command): void {
  for (const { option, path } of givenPaths(command)) {
    const [, home] = /^(~[\w.-]*)(\/|$)/.exec(path) ?? [];
    if (home === undefined || (path === home && home !== '~') || existsSync(home)) continue;
    fail('E_USAGE', {
      where: option,
      expected: 'a path',
      got: `"${path}", whose ~ the shell has not replaced`,
      todo: `Put a space in front of it (${option} ${path}) or write $HOME; ./${path} means a folder of that name here.`,
    });
  }
}
