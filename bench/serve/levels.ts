import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAdaptor, saveAdaptor } from '../../src/adaptor/file.js';
import { listAdaptors } from '../../src/adaptor/list.js';

/**
 * Makes a folder with `count` adaptors out of those in another: the same tensors, in turn, under levels jpeg=1, jpeg=2, ...; `use`
 * is called with it, and it is removed afterwards.
 */
export async function withLevels<T>(adaptors: string, count: number, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'gearnn-bench-'));
  try {
    const found = await listAdaptors(adaptors);
    for (let i = 0; i < count; i++) {
      const { config, state } = await loadAdaptor(found[i % found.length]!.folder);
      const level = `jpeg=${i + 1}`;
      await saveAdaptor(join(folder, level), { ...config, level }, state);
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
