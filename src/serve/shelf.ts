import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { CALIBRATION } from '../adaptor/calibration.js';
import { adaptorRoot, type BrokenAdaptor, listAdaptors } from '../adaptor/list.js';
import { isDropping } from '../common/droppings.js';
import { fail } from '../common/errors.js';
import { isSame } from '../common/same-file.js';
import { settle } from '../common/outcome.js';
import type { LoadOptions } from './engine/messages.js';

export interface RepositoryOptions extends LoadOptions {
  /** A folder of further checkpoints, each with its adaptors in its own `adaptors/`; they are loaded on request. */
  models?: string;
}

/** A folder of adaptors as it lies there. */
export interface Glance {
  root: string;
  /** Which folder it is: another one once a file system is mounted there, or no more. */
  identity: string;
  /** Its subfolders, each with what changes when its files do. */
  folders: ReadonlyMap<string, string>;
  /** What changes when its calibration does; empty where there is none. */
  calibration: string;
}

/** The networks and adaptors that lie on the disk, whether they are loaded or not. */
export class Shelf {
  /** Name of the network that is loaded first and answers where none is named. */
  readonly main: string;

  constructor(private readonly options: RepositoryOptions) {
    this.main = basename(resolve(options.checkpoint));
  }

  /** The server's folders, and what clients know them by. */
  get places(): { folder: string; name: string }[] {
    const { checkpoint, adaptors, models } = this.options;
    return [
      { folder: checkpoint, name: this.main },
      ...(adaptors === undefined ? [] : [{ folder: adaptors, name: `${this.main}/adaptors` }]),
      ...(models === undefined ? [] : [{ folder: models, name: 'models' }]),
    ];
  }

  /** @throws E_USAGE where the folder of further checkpoints is none, or has another network with the main one's name; E_ADAPTOR where that of the adaptors is none */
  async check(): Promise<void> {
    const { models, adaptors, checkpoint } = this.options;
    if (adaptors !== undefined) await listAdaptors(adaptors, () => {});
    if (models === undefined) return;
    if ((await stat(models).catch(() => undefined))?.isDirectory()) {
      const twin = join(models, this.main);
      if (!existsSync(join(twin, 'config.json')) || (await isSame(twin, checkpoint))) return;
      fail('E_USAGE', {
        where: '--models',
        expected: 'networks with names of their own',
        got: `${twin}, with the name of ${checkpoint}`,
        todo: 'Rename one of the two folders: clients name a network by its folder.',
      });
    }
    fail('E_USAGE', {
      where: '--models',
      expected: 'a folder of checkpoints',
      got: `${models}, which is none`,
      todo: 'Give the folder that holds them, each in a folder of its own.',
    });
  }

  /** Names of the networks that there are: the main one first. */
  async names(): Promise<string[]> {
    const { models } = this.options;
    const found = models === undefined ? [] : await settle(() => readdir(models));
    // A folder that is gone for now holds none.
    const all = found instanceof Error ? [] : found;
    const others = all.filter(
      (name) => name !== this.main && !isDropping(name) && existsSync(join(models!, name, 'config.json')),
    );
    return [this.main, ...others.sort()];
  }

  /** What to load for a network. @throws E_SERVE_MODEL where there is none of that name */
  async folders(name: string): Promise<LoadOptions> {
    const { models, checkpoint, adaptors, ...shared } = this.options;
    if (name === this.main) return { ...shared, checkpoint, adaptors };
    const names = await this.names();
    if (!names.includes(name)) unknown(name, names);
    const inside = join(models!, name, 'adaptors');
    return { ...shared, checkpoint: join(models!, name), adaptors: existsSync(inside) ? inside : undefined };
  }

  /** Folders of a network's adaptors by level, and those in which something is wrong. */
  async adaptors(name: string): Promise<{ folders: Map<string, string>; broken: BrokenAdaptor[] }> {
    const { adaptors } = await this.folders(name);
    const broken: BrokenAdaptor[] = [];
    if (adaptors === undefined) return { folders: new Map(), broken };
    const found = await settle(() => listAdaptors(adaptors, (one) => broken.push(one)));
    if (found instanceof Error) return { folders: new Map(), broken: [{ folder: adaptors, error: found }] };
    return { folders: new Map(found.map(({ level, folder }) => [level, folder])), broken };
  }

  /** What the folder of a network's adaptors looks like, with nothing read; undefined where there is none. */
  async glance(name: string): Promise<Glance | undefined> {
    const { adaptors } = await this.folders(name);
    if (adaptors === undefined) return undefined;
    const root = adaptorRoot(adaptors);
    const entries = await readdir(root, { withFileTypes: true });
    const inside = entries
      .filter((entry) => !entry.isFile() && !isDropping(entry.name))
      .map((one) => join(root, one.name));
    const { dev, ino } = await stat(root);
    const calibration = await settle(() => stat(join(root, CALIBRATION)));
    return {
      root,
      identity: `${dev}:${ino}`,
      folders: new Map(await Promise.all(inside.map(async (path) => [path, await signatureOf(path)] as const))),
      calibration:
        calibration instanceof Error ? '' : `${calibration.size} ${calibration.mtimeMs} ${calibration.ctimeMs}`,
    };
  }

  /** What changes when any file of a network or of its adaptors does. */
  async signature(name: string): Promise<string> {
    const folders = await settle(() => this.folders(name));
    if (folders instanceof Error) return '';
    const { checkpoint, adaptors } = folders;
    const { folders: inside } = await this.adaptors(name);
    const all = [checkpoint, ...(adaptors === undefined ? [] : [adaptors]), ...inside.values()];
    return (await Promise.all(all.map(signatureOf))).join('\n');
  }
}

/** What changes when the files of a checkpoint or an adaptor do: names, sizes and times. */
export async function signatureOf(folder: string): Promise<string> {
  const names = await settle(() => readdir(folder));
  const paths = names instanceof Error ? [folder] : names.map((name) => join(folder, name));
  const stats = await Promise.all(paths.map((path) => settle(() => stat(path))));
  return stats
    .map((one, i) =>
      one instanceof Error ? `${paths[i]} ${one.message}` : [paths[i], one.size, one.mtimeMs, one.ctimeMs].join(),
    )
    .sort()
    .join('\n');
}

export function unknown(name: string, known: string[]): never {
  fail('E_SERVE_MODEL', {
    where: 'model',
    expected: known.length > 0 ? `one of ${known.join(', ')}` : 'a network that is loaded',
    got: `"${name}"`,
    todo: 'POST /v2/repository/index lists what there is.',
  });
}
