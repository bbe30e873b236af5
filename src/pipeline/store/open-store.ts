import { join } from 'node:path';
import { isBucket } from '../../common/bucket.js';
import { sha256 } from '../../common/files.js';
import { FolderStore } from './folder-store.js';
import type { Store } from './store.js';
import { storesFolder } from './stores-folder.js';

/**
 * Opens a store of steps' results.
 *
 * @param place a folder, or `s3://BUCKET/PREFIX`
 * @param local folder of this machine for what comes from a bucket. Default: one of its own in {@link storesFolder}
 * @throws E_PIPELINE_STORE where a bucket's client is not installed
 */
export async function openStore(place: string, local?: string): Promise<Store> {
  if (!isBucket(place)) return new FolderStore(place);
  const { S3Store } = await import('./s3-store.js');
  return S3Store.open(place.replace(/\/+$/, ''), local ?? join(storesFolder(), sha256(place).slice(0, 16)));
}
