import { basename, join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { listAdaptors } from '../adaptor/list.js';
import { isDropping } from '../common/droppings.js';
import { fail, GearnnError } from '../common/errors.js';
import type { EngineCall, EngineCalls, LoadOptions } from './engine/messages.js';
import type { ModelDescription } from './inference.js';

/** Calls the engine process. */
export type CallEngine = <C extends EngineCall>(
  call: C,
  ...parameters: Parameters<EngineCalls[C]>
) => Promise<ReturnType<EngineCalls[C]>>;

export interface RepositoryOptions extends LoadOptions {
  /** A folder of further checkpoints, each with its adaptors in its own `adaptors/`; they are loaded on request. */
  models?: string;
}

/** A line of the repository's index. */
export interface IndexEntry {
  /** `demo` for a network, `demo:jpeg=10` for one of its adaptors. */
  name: string;
  version: '1';
  state: 'READY' | 'UNAVAILABLE';
  reason: string;
}

/**
 * The networks and adaptors that a server can load, by name, and those that it has loaded. What is loaded here is loaded again
 * into each new engine process.
 */
export class Repository {
  /** Name of the network that is loaded first and answers where none is named. */
  readonly main: string;
  private readonly loaded = new Map<string, ModelDescription>();
  private begun = false;
  private readonly reasons = new Map<string, string>();

  constructor(
    private readonly options: RepositoryOptions,
    private readonly call: CallEngine,
  ) {
    this.main = basename(resolve(options.checkpoint));
  }

  /** @throws E_USAGE where the folder of further checkpoints is none */
  async check(): Promise<void> {
    const { models } = this.options;
    if (models === undefined || (await stat(models).catch(() => undefined))?.isDirectory()) return;
    fail('E_USAGE', {
      where: '--models',
      expected: 'a folder of checkpoints',
      got: `${models}, which is none`,
      todo: 'Give the folder that holds them, each in a folder of its own.',
    });
  }

  /** @throws E_SERVE_MODEL if no network of that name is loaded */
  describe(name: string): ModelDescription {
    return this.loaded.get(name) ?? unknown(name, [...this.loaded.keys()]);
  }

  /** Descriptions of all loaded networks. */
  all(): ModelDescription[] {
    return [...this.loaded.values()];
  }

  /**
   * Brings a fresh engine process to what is loaded here; the first one to the main network. A network that cannot be loaded again
   * counts as unloaded.
   *
   * @throws what the main network failed to load with the first time; E_SERVE_ENGINE
   */
  async restore(): Promise<void> {
    if (!this.begun) await this.loadNetwork(this.main);
    else await this.reload();
    this.begun = true;
  }

  private async reload(): Promise<void> {
    for (const before of [...this.loaded.values()]) {
      try {
        const now = await this.call('load', before.name, await this.folders(before.name));
        const wanted = new Set(before.adaptors.map(({ level }) => level));
        const unloaded = now.adaptors.filter(({ level }) => !wanted.has(level));
        let after = now;
        for (const { level } of unloaded) after = await this.call('remove', before.name, level);
        this.loaded.set(before.name, { ...after, name: before.name });
      } catch (error) {
        if (!(error instanceof GearnnError) || error.code === 'E_SERVE_ENGINE') throw error;
        this.loaded.delete(before.name);
        this.reasons.set(before.name, error.message);
      }
    }
  }

  /**
   * Loads a network with all its adaptors, or one adaptor `NETWORK:LEVEL` from the folder of its network's; again if it is loaded
   * already.
   *
   * @throws E_SERVE_MODEL if there is none of that name; what is wrong with its files
   */
  async load(name: string): Promise<void> {
    const { network, level } = split(name);
    try {
      if (level === undefined) await this.loadNetwork(network);
      else await this.loadAdaptor(network, level);
      this.reasons.delete(name);
    } catch (error) {
      if ((error as GearnnError).code !== 'E_SERVE_MODEL') this.reasons.set(name, (error as Error).message);
      throw error;
    }
  }

  /** @throws E_SERVE_MODEL if it is not loaded */
  async unload(name: string): Promise<void> {
    const { network, level } = split(name);
    const { adaptors } = this.describe(network);
    if (level === undefined) {
      await this.call('unload', network);
      this.loaded.delete(network);
    } else {
      if (!adaptors.some((adaptor) => adaptor.level === level))
        unknown(
          name,
          adaptors.map((adaptor) => `${network}:${adaptor.level}`),
        );
      this.keep(network, await this.call('remove', network, level));
    }
    this.reasons.set(name, 'unloaded');
  }

  /** Everything that can be loaded, and whether it is. */
  async index(): Promise<IndexEntry[]> {
    const entries: IndexEntry[] = [];
    for (const name of await this.names()) {
      const loaded = this.loaded.get(name);
      entries.push(this.entry(name, loaded !== undefined));
      const levels = new Set(loaded?.adaptors.map(({ level }) => level));
      const known = new Set([...levels, ...(await this.adaptorsOf(name)).keys()]);
      for (const level of known) entries.push(this.entry(`${name}:${level}`, levels.has(level)));
    }
    return entries;
  }

  private entry(name: string, ready: boolean): IndexEntry {
    const reason = ready ? '' : (this.reasons.get(name) ?? 'not loaded');
    return { name, version: '1', state: ready ? 'READY' : 'UNAVAILABLE', reason };
  }

  private async loadNetwork(name: string): Promise<void> {
    this.keep(name, await this.call('load', name, await this.folders(name)));
  }

  private async loadAdaptor(network: string, level: string): Promise<void> {
    this.describe(network);
    const folders = await this.adaptorsOf(network);
    const folder = folders.get(level);
    if (folder === undefined)
      unknown(
        `${network}:${level}`,
        [...folders.keys()].map((known) => `${network}:${known}`),
      );
    this.keep(network, await this.call('add', network, folder));
  }

  private keep(name: string, description: ModelDescription): void {
    this.loaded.set(name, { ...description, name });
  }

  /** Names of the networks that there are: the main one first. */
  private async names(): Promise<string[]> {
    const { models } = this.options;
    const found = models === undefined ? [] : await readdir(models);
    const others = found.filter(
      (name) => name !== this.main && !isDropping(name) && existsSync(join(models!, name, 'config.json')),
    );
    return [this.main, ...others.sort()];
  }

  /** @throws E_SERVE_MODEL */
  private async folders(name: string): Promise<LoadOptions> {
    const { models, checkpoint, adaptors, ...shared } = this.options;
    if (name === this.main) return { ...shared, checkpoint, adaptors };
    const names = await this.names();
    if (!names.includes(name)) unknown(name, names);
    const inside = join(models!, name, 'adaptors');
    return { ...shared, checkpoint: join(models!, name), adaptors: existsSync(inside) ? inside : undefined };
  }

  /** Folders of a network's adaptors by level. */
  private async adaptorsOf(name: string): Promise<Map<string, string>> {
    const { adaptors } = await this.folders(name);
    const found = adaptors === undefined ? [] : await listAdaptors(adaptors);
    return new Map(found.map(({ level, folder }) => [level, folder]));
  }
}

function split(name: string): { network: string; level?: string } {
  const colon = name.indexOf(':');
  return colon < 0 ? { network: name } : { network: name.slice(0, colon), level: name.slice(colon + 1) };
}

function unknown(name: string, known: string[]): never {
  fail('E_SERVE_MODEL', {
    where: 'model',
    expected: known.length > 0 ? `one of ${known.join(', ')}` : 'a network that is loaded',
    got: `"${name}"`,
    todo: 'POST /v2/repository/index lists what there is.',
  });
}
