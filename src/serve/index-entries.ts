import type { ModelDescription } from './inference.js';
import { itemName, type Problems } from './problems.js';
import type { Shelf } from './shelf.js';

/** A line of the repository's index. */
export interface IndexEntry {
  /** `demo` for a network, `demo:jpeg=10` for one of its adaptors; `demo:FOLDER` for one whose level cannot be read. */
  name: string;
  version: '1';
  state: 'READY' | 'UNAVAILABLE';
  reason: string;
}

/** What is known of networks and adaptors. */
interface Known {
  shelf: Shelf;
  loaded: ReadonlyMap<string, ModelDescription>;
  problems: Problems;
  /** Why what is neither loaded nor to be is not. */
  reasons: ReadonlyMap<string, string>;
}

/** The lines of a network and of its adaptors: those that are loaded, that lie there, and that are to be loaded but cannot be. */
export async function entriesOf(network: string, { shelf, loaded, problems, reasons }: Known): Promise<IndexEntry[]> {
  const description = loaded.get(network);
  const ready = new Set(description?.adaptors.map(({ level }) => `${network}:${level}`));
  const { folders, broken } = await shelf
    .adaptors(network)
    .catch(() => ({ folders: new Map<string, string>(), broken: [] }));
  const faults = new Map(broken.map((one) => [itemName(network, one), one.error.message]));
  const lying = [...folders.keys()].map((level) => `${network}:${level}`);
  const waiting = problems.of(network).map(({ name }) => name);
  const entry = (name: string, isReady: boolean): IndexEntry => {
    const reason = problems.get(name)?.error.message ?? faults.get(name) ?? reasons.get(name) ?? 'not loaded';
    return { name, version: '1', state: isReady ? 'READY' : 'UNAVAILABLE', reason: isReady ? '' : reason };
  };
  const items = new Set([...ready, ...lying, ...waiting, ...faults.keys()]);
  return [entry(network, description !== undefined), ...[...items].map((name) => entry(name, ready.has(name)))];
}
