import { type CallEngine, fetchNetwork } from './fetch-network.js';
import type { ModelDescription } from './inference.js';
import { compareWanted } from './compare-wanted.js';
import { entriesOf, type IndexEntry } from './index-entries.js';
import { type AdaptorChange, Following } from './following.js';
import { Holdings } from './holdings.js';
import { isEngineEnd, loadError, unavailable } from './load-errors.js';
import { mendAdaptor } from './mend-adaptor.js';
import { itemName, missingItem, partsOf, type Problem, Problems } from './problems.js';
import { type RepositoryOptions, Shelf, signatureOf, unknown } from './shelf.js';

/** Ends of the engine process under a network's loading after which the others come back without it. */
const CRASHES = 2;

/**
 * The networks and adaptors that a server can load, by name, and those that it is to serve. What is loaded here is loaded again
 * into each new engine process; what cannot be is left out, said, and tried again until it can ({@link mend}).
 */
export class Repository {
  readonly main: string;
  readonly problems: Problems;
  private readonly shelf: Shelf;
  private readonly holdings: Holdings;
  private readonly following: Following;
  private readonly crashes = new Map<string, number>();
  /** Why what is not loaded, and not to be, is not. */
  private readonly reasons = new Map<string, string>();
  private begun = false;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    options: RepositoryOptions,
    private readonly call: CallEngine,
    onProblem: (name: string, error?: Error) => void = () => {},
    private readonly onNote: (name: string, note: string) => void = () => {},
    onChange: (change: AdaptorChange) => void = () => {},
  ) {
    this.shelf = new Shelf(options);
    this.main = this.shelf.main;
    this.problems = new Problems(onProblem);
    this.holdings = new Holdings(this.shelf, call, this.problems);
    this.following = new Following(this.holdings, onChange);
  }

  /** @throws E_USAGE where the folder of further checkpoints is none, E_ADAPTOR where that of the adaptors is none */
  check(): Promise<void> {
    return this.shelf.check();
  }

  /** The server's folders, and what clients know them by. */
  get places(): { folder: string; name: string }[] {
    return this.shelf.places;
  }

  /** @throws E_SERVE_MODEL if no network of that name is loaded, E_SERVE_UNAVAILABLE if it is to be, but cannot be for now */
  describe(name: string): ModelDescription {
    const found = this.holdings.loaded.get(name);
    if (found) return found;
    const problem = this.problems.get(name);
    if (problem && this.holdings.wanted.has(name)) throw unavailable(name, problem.error);
    unknown(name, [...this.holdings.loaded.keys()]);
  }

  /** Descriptions of all loaded networks. */
  all(): ModelDescription[] {
    return [...this.holdings.loaded.values()];
  }

  /**
   * Brings a fresh engine process to what is to be served; the first one to the main network. What cannot be loaded is left out.
   *
   * @throws what the main network failed to load with the first time; E_SERVE_ENGINE
   */
  restore(): Promise<void> {
    return this.inTurn(async () => {
      if (!this.begun) await this.loadNetwork(this.main);
      else for (const name of this.holdings.wanted.keys()) await this.reload(name);
      this.begun = true;
    });
  }

  /** Tries again what could not be loaded: networks, and adaptors whose files have changed. @returns whether anything is left */
  mend(): Promise<boolean> {
    return this.inTurn(async () => {
      for (const problem of this.problems.list()) {
        if (problem.name === problem.network) await this.reload(problem.name);
        else if (this.holdings.loaded.has(problem.network) && !problem.isRoot)
          await mendAdaptor(this.holdings, problem);
      }
      return this.problems.names.length > 0;
    });
  }

  /** Looks once at the folders of adaptors of all loaded networks, and brings the networks to what lies there. */
  async follow(): Promise<void> {
    for (const network of [...this.holdings.loaded.keys()]) {
      const change = await this.following.look(network);
      if (change) await this.inTurn(change);
    }
  }

  /**
   * Loads a network with all its adaptors, or one adaptor `NETWORK:LEVEL` from the folder of its network's; again if it is loaded
   * already. Adaptors of a network in which something is wrong are left out.
   *
   * @throws E_SERVE_MODEL if there is none of that name; what is wrong with its files
   */
  load(name: string): Promise<void> {
    const { network, level } = partsOf(name);
    return this.inTurn(async () => {
      try {
        if (level === undefined) await this.loadNetwork(network);
        else await this.loadAdaptor(network, level);
        this.reasons.delete(name);
      } catch (error) {
        const known = loadError(name, error as Error);
        if (known.code !== 'E_SERVE_MODEL') this.reasons.set(name, known.message);
        throw known;
      }
    });
  }

  /** @throws E_SERVE_MODEL if it is not loaded */
  unload(name: string): Promise<void> {
    const { network, level } = partsOf(name);
    return this.inTurn(async () => {
      const isBroken = this.problems.get(name) !== undefined;
      if (level === undefined) {
        if (!isBroken) this.describe(network);
        if (this.holdings.loaded.has(network)) await this.call('unload', network);
        this.holdings.loaded.delete(network);
        this.holdings.wanted.delete(network);
        for (const problem of this.problems.of(network)) this.problems.forget(problem.name);
      } else {
        const levels = this.describe(network).adaptors.map((adaptor) => adaptor.level);
        const isLoaded = levels.includes(level);
        if (!isLoaded && !isBroken) unknown(name, namesOf(network, levels));
        if (isLoaded) this.holdings.keep(network, await this.call('remove', network, level));
        this.holdings.wanted.get(network)?.delete(level);
      }
      this.problems.forget(name);
      this.reasons.set(name, 'unloaded');
    });
  }

  /** Everything that can be loaded, or is to be, and whether it is. */
  async index(): Promise<IndexEntry[]> {
    const { shelf, holdings, problems, reasons } = this;
    const { loaded } = holdings;
    const names = new Set([...(await shelf.names()), ...this.holdings.wanted.keys()]);
    return (await Promise.all([...names].map((name) => entriesOf(name, { shelf, loaded, problems, reasons })))).flat();
  }

  private async loadNetwork(name: string): Promise<void> {
    const { description, problems, applied } = await fetchNetwork(name, this.shelf, this.call);
    this.holdings.apply(name, applied);
    for (const note of description.notes ?? []) this.onNote(name, note);
    this.holdings.wanted.set(name, new Set());
    this.take(name, description, problems);
  }

  /** Loads a network that is to be served as it was: with the adaptors that it had, or was to have. */
  private async reload(name: string): Promise<void> {
    const wanted = this.holdings.wanted.get(name)!;
    const before = this.problems.get(name);
    if (before?.isAside && before.signature === (await this.shelf.signature(name))) return;
    try {
      const { description, problems, applied } = await fetchNetwork(name, this.shelf, this.call);
      // What has appeared meanwhile is still to be taken.
      const known = this.holdings.applied(name);
      this.holdings.apply(name, new Map([...applied].filter(([path]) => known.has(path))));
      const folders = (await this.shelf.adaptors(name)).folders;
      const { surplus, missed, gone } = compareWanted(wanted, description, problems, folders);
      let kept = description;
      for (const level of surplus) kept = await this.call('remove', name, level);
      this.take(name, kept, [...gone.map((one) => missingItem(name, one)), ...missed]);
    } catch (error) {
      const known = loadError(name, error as Error);
      const count = (this.crashes.get(name) ?? 0) + Number(isEngineEnd(known));
      this.crashes.set(name, count);
      // An end of the engine may have any reason, until it comes again.
      if (!isEngineEnd(known) || count >= CRASHES) {
        this.holdings.loaded.delete(name);
        const isAside = count >= CRASHES && this.holdings.wanted.size > 1;
        this.problems.add({ name, network: name, error: known, signature: await this.shelf.signature(name), isAside });
      }
      if (isEngineEnd(known)) throw known;
    }
  }

  /** A network is loaded, but for some of its adaptors. */
  private take(name: string, description: ModelDescription, problems: Problem[]): void {
    this.crashes.delete(name);
    this.holdings.keep(name, description);
    const still = new Set(problems.map((problem) => problem.name));
    for (const { name: item } of [this.problems.get(name), ...this.problems.of(name)].filter(
      (one) => one !== undefined,
    ))
      if (!still.has(item)) this.problems.solve(item);
    for (const { level } of description.adaptors) this.holdings.want(name, level);
    for (const problem of problems) {
      this.holdings.want(name, problem.level ?? problem.folder);
      this.problems.add(problem);
    }
  }

  private async loadAdaptor(network: string, level: string): Promise<void> {
    this.describe(network);
    const { folders, broken } = await this.shelf.adaptors(network);
    const folder = folders.get(level);
    if (folder === undefined) {
      const found = broken.find((one) => itemName(network, one) === `${network}:${level}`);
      if (found) throw found.error;
      unknown(`${network}:${level}`, namesOf(network, [...folders.keys()]));
    }
    const signature = await signatureOf(folder);
    this.holdings.keep(network, await this.call('add', network, folder));
    this.holdings.applied(network).set(folder, { signature, level });
    this.holdings.want(network, level);
    this.problems.solve(`${network}:${level}`);
  }

  /** One change at a time, or one would undo the other's. */
  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.turn.then(change);
    this.turn = done.catch(() => {});
    return done;
  }
}

function namesOf(network: string, levels: readonly string[]): string[] {
  return levels.map((level) => `${network}:${level}`);
}
