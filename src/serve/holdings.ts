import type { Applied, CallEngine } from './fetch-network.js';
import type { ModelDescription } from './inference.js';
import type { Problems } from './problems.js';
import type { Shelf } from './shelf.js';

/** What a repository has: on the disk, loaded, and to be loaded. */
export class Holdings {
  readonly loaded = new Map<string, ModelDescription>();
  /** Of each network that is to be served its adaptors' levels, or folders where levels cannot be read. */
  readonly wanted = new Map<string, Set<string>>();
  private readonly folders = new Map<string, Map<string, Applied>>();

  constructor(
    readonly shelf: Shelf,
    readonly call: CallEngine,
    readonly problems: Problems,
  ) {}

  /** What is served of each folder of a network's adaptors. */
  applied(network: string): Map<string, Applied> {
    const known = this.folders.get(network) ?? new Map<string, Applied>();
    this.folders.set(network, known);
    return known;
  }

  /** A network was loaded from these folders. */
  apply(network: string, folders: Map<string, Applied>): void {
    this.folders.set(network, folders);
  }

  /** The network is as the engine says from now on. */
  keep(name: string, description: ModelDescription): void {
    this.loaded.set(name, { ...description, name });
  }

  want(network: string, item?: string): void {
    const items = this.wanted.get(network) ?? new Set();
    if (item !== undefined) items.add(item);
    this.wanted.set(network, items);
  }

  unwant(network: string, item: string): void {
    this.wanted.get(network)?.delete(item);
  }
}
