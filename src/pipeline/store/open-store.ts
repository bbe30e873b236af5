import { FolderStore } from './folder-store.js';
import type { Store } from './store.js';

/** The store at a place: a folder. */
export async function openStore(place: string): Promise<Store> {
  return new FolderStore(place);
}
