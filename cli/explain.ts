import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { GearnnError, type ErrorParts } from '../src/common/errors.js';
import { lookalike } from '../src/common/lookalike.js';
import { packageRoot } from '../src/common/package-root.js';
import { explainSystemError, NOWHERE, systemCode } from '../src/common/system-error.js';
import { gearnnHome } from '../src/engine/install/home.js';
import { statePath } from '../src/train/state-path.js';
import { interruption } from './interrupt.js';
import { givenPaths, type GivenPath } from './paths.js';

/**
 * What a command failed with, as the user can mend it: an answer of the operating system in words, with the option that names the place; and
 * where something is missing, what may be meant.
 *
 * @returns the error itself where there is nothing to add
 */
export async function explainFailure(error: unknown, command: Command): Promise<unknown> {
  const given = givenPaths(command);
  const system = explainSystemError(error, { again: howToGoOn(command) });
  if (system) {
    const { parts, code } = system;
    const missing = code === 'E_FILE_MISSING' ? await hintAt([parts.where]) : undefined;
    // How many files may be open has nothing to do with which one came last, least of all where it is one of this program's own.
    const where = isOwn(parts.where) ? 'gearnn itself' : optionOf(parts.where, given);
    return withParts(system, { where }, missing);
  }
  if (!(error instanceof GearnnError)) return error;
  const { where, got, cause } = error.parts;
  if (ABOUT_PLACES.has(systemCode(cause) ?? '')) return withParts(error, { where: optionOf(where, given) }, undefined);
  const places = [
    placeIn(where),
    ...given.filter(({ path }) => `${where} ${got}`.includes(path)).map(({ path }) => path),
  ];
  const hint = await hintAt(places);
  return hint === undefined || error.message.includes(hint) ? error : withParts(error, {}, hint);
}

/** Answers of the system that are about the place a file lies in, so that its option is worth naming. */
const ABOUT_PLACES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO']);

/** How the command goes on from here: with its own line where it has one; else the same again, which may find what it has written by now. */
function howToGoOn(command: Command): string {
  const { hint } = interruption;
  const { force, out } = command.opts<{ force?: boolean; out?: string }>();
  const asksForForce = !force && command.options.some(({ long }) => long === '--force');
  const forced = asksForForce ? ', with --force where it has written something by now' : '';
  if (hint === undefined) return `run the same command again${forced}`;
  if (!hint.startsWith('gearnn ')) return `go on with ${hint}${forced}`;
  // A training that has saved nothing yet has nothing to resume: under --force it would take the results of the time before for its own.
  if (hint.endsWith(' --resume') && !hasState(out)) return 'run the same command again';
  return `go on with: ${hint}`;
}

function hasState(out: string | undefined): boolean {
  return out !== undefined && existsSync(statePath(out));
}

/** Whether a file is one of this program's modules, or of those that it is built on, which are loaded as a command needs them. */
function isOwn(path: string): boolean {
  return /\.(js|cjs|mjs|ts|wasm|node)$/.test(path) && !relative(packageRoot(), path).startsWith('..');
}

async function hintAt(places: readonly string[]): Promise<string | undefined> {
  for (const place of places) {
    const hint = await lookalike(place);
    if (hint !== undefined) return hint;
  }
  return undefined;
}

/** The path in the place of an error, which may name a line or a field behind it. */
function placeIn(where: string): string {
  return where.replace(/(:\d+)?(: .*)?$/, '');
}

/** A path with the option that it is of: the one with the longest path that holds it. */
function optionOf(path: string, given: readonly GivenPath[]): string {
  if (path === NOWHERE) return path;
  const own: GivenPath[] = [
    { option: 'the cache folder (GEARNN_HOME)', path: homeOrNone() },
    { option: 'temporary files (TMPDIR)', path: tmpdir() },
  ];
  const holds = (outer: string, inner: string): boolean => `${inner}${sep}`.startsWith(`${outer}${sep}`);
  const at = resolve(path);
  const holders = [...given, ...own].filter((one) => one.path !== '' && holds(resolve(one.path), at));
  // Of a folder that cannot be made, the one above may be what the system names.
  const inside = given.filter((one) => holds(at, resolve(one.path)));
  const [best] = [...holders, ...inside].sort((a, b) => resolve(b.path).length - resolve(a.path).length);
  return best === undefined ? path : `${best.option}: ${path}`;
}

function homeOrNone(): string {
  try {
    return gearnnHome();
  } catch {
    return '';
  }
}

function withParts(error: GearnnError, parts: Partial<ErrorParts>, hint: string | undefined): GearnnError {
  const todo = [error.parts.todo, hint].filter((sentence) => sentence !== undefined).join(' ');
  const changed = new GearnnError(error.code, { ...error.parts, ...parts, ...(todo !== '' && { todo }) });
  changed.stack = error.stack;
  return changed;
}
