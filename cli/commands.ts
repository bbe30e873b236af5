import type { Command } from 'commander';

/** Every command, in the order of `gearnn --help`: one import and one line each. */
export const commands: ((program: Command) => void)[] = [];
