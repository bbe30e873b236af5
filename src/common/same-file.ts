import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fail } from './errors.js';

/** A path that a command reads or writes, and what names it to the user. */
export interface Place {
  /** The option or argument: `--out`, `--checkpoint`. */
  name: string;
  path: string;
  /** Everything below the folder may be replaced or removed. */
  whole?: true;
}

/** Whether two paths are of one file or folder: through links, `..`, another case where the disk knows none, or a bind mount. */
export async function isSame(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map(fileIdentity));
  return one !== undefined && one === other;
}

/**
 * Makes sure that nothing that is read is written over.
 *
 * @param outputs files that are going to be written; what is not there yet harms nothing
 * @param inputs files that are going to be read
 * @throws E_USAGE naming both
 */
export async function keepInputs(outputs: readonly Place[], inputs: Iterable<Place>): Promise<void> {
  const written = new Map<string, Place>();
  const wholes = new Map<string, Place>();
  for (const place of outputs) {
    for (const path of new Set([place.path, resolve(place.path)])) {
      const identity = await fileIdentity(path);
      if (identity !== undefined) (place.whole ? wholes : written).set(identity, place);
    }
  }
  if (written.size + wholes.size === 0) return;
  const folders = new Map<string, Promise<Place | undefined>>();
  const around = (folder: string): Promise<Place | undefined> => {
    const known = folders.get(folder) ?? wholeAround(folder, wholes);
    folders.set(folder, known);
    return known;
  };
  for (const input of inputs) {
    const identity = await fileIdentity(input.path);
    if (identity === undefined) continue;
    const output =
      written.get(identity) ?? (wholes.size > 0 ? await around(dirname(await realpath(input.path))) : undefined);
    if (output) refuse(output, input);
  }
}

/**
 * Makes sure that two results do not go to one file.
 *
 * @throws E_USAGE naming both
 */
export async function keepApart(outputs: readonly Place[]): Promise<void> {
  const known = new Map<string, Place>();
  for (const place of outputs.filter(sharesName(outputs))) {
    const path = await whereItWillBe(place.path);
    const twin = known.get(path);
    if (twin && twin.name !== place.name) {
      fail('E_USAGE', {
        where: place.name,
        expected: `another file than ${twin.name}`,
        got: place.path === twin.path ? place.path : `${place.path}, which is ${twin.path}`,
        todo: 'Give each a place of its own.',
      });
    }
    known.set(path, place);
  }
}

/** Whether an output has its file's name in common with one of another option; the others need no look at the disk. */
function sharesName(outputs: readonly Place[]): (place: Place) => boolean {
  const names = new Map<string, Set<string>>();
  for (const { name, path } of outputs) {
    const file = basename(resolve(path)).toLowerCase();
    names.set(file, (names.get(file) ?? new Set()).add(name));
  }
  return ({ path }) => names.get(basename(resolve(path)).toLowerCase())!.size > 1;
}

function refuse(output: Place, input: Place): never {
  const where =
    output.path === input.path ? input.path : `${output.path}, which ${output.whole ? 'holds' : 'is'} ${input.path}`;
  fail('E_USAGE', {
    where: output.name,
    expected: `a place apart from what is read (${input.name})`,
    got: where,
    todo: 'Choose another place: nothing that a command reads is written over, with --force neither.',
  });
}

/** The output that replaces all of a folder that this one is, or lies in. */
async function wholeAround(folder: string, wholes: ReadonlyMap<string, Place>): Promise<Place | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const identity = await fileIdentity(at);
    const place = identity === undefined ? undefined : wholes.get(identity);
    if (place || at === dirname(at)) return place;
  }
}

/** Which file or folder a path is of; undefined where there is none. */
async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  // A pipe or a terminal can be read and written.
  return found && (found.isFile() || found.isDirectory()) ? `${found.dev}:${found.ino}` : undefined;
}

/**
 * Makes sure that results do not go into a folder that is searched for input: the next run would take them for it.
 *
 * @throws E_USAGE naming both
 */
export async function keepOutside(output: Place, searched: readonly string[]): Promise<void> {
  const target = await whereItWillBe(output.path);
  for (const folder of searched) {
    for (let at = target; ; at = dirname(at)) {
      if (await isSame(at, folder)) {
        fail('E_USAGE', {
          where: output.name,
          expected: `a folder outside of ${folder}, whose images are read`,
          got: output.path,
          todo: 'Choose another place: the next run would take what is written there for images.',
        });
      }
      if (at === dirname(at)) break;
    }
  }
}

/** Where a file that may not be there yet will be, links on the way followed. */
async function whereItWillBe(path: string): Promise<string> {
  const whole = resolve(path);
  const real = await realpath(whole).catch(() => undefined);
  if (real !== undefined) return real;
  const folder = dirname(whole);
  return folder === whole ? whole : join(await whereItWillBe(folder), basename(whole));
}
