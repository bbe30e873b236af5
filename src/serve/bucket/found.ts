import { ADAPTOR_FILES } from '../../adaptor/kinds/registry.js';
import type { Listed } from '../../common/bucket.js';
import { isDropping } from '../../common/droppings.js';
import { SUMS } from './sums.js';

/** What of a folder in a bucket may belong to an adaptor. */
export interface Found {
  /** By name. */
  files: ReadonlyMap<string, Listed>;
  /** Another one whenever a file's content is. */
  signature: string;
  /** Whether it says itself which files belong together. */
  isSummed: boolean;
  /** Of the files that an adaptor has and this one lacks; undefined where it has all. */
  missing?: string;
}

const NAMES = new Set([...ADAPTOR_FILES.flatMap(({ config, tensors }) => [config, tensors]), SUMS]);

/** The folders in a bucket's listing that are adaptors, or are to become some; whatever else there is does not count. */
export function foundIn(listed: readonly Listed[]): Map<string, Found> {
  const folders = new Map<string, Map<string, Listed>>();
  for (const object of listed) {
    const [folder, name, ...deeper] = object.key.split('/') as [string, string | undefined, ...string[]];
    if (name === undefined || deeper.length > 0 || !NAMES.has(name) || !isFolderName(folder)) continue;
    folders.set(folder, (folders.get(folder) ?? new Map<string, Listed>()).set(name, object));
  }
  return new Map([...folders].filter(([, files]) => !isSumsAlone(files)).map(([name, files]) => [name, found(files)]));
}

function found(files: ReadonlyMap<string, Listed>): Found {
  const signatures = [...files].map(([name, { size, tag }]) => `${name} ${size} ${tag}`);
  const isWhole = ADAPTOR_FILES.some(({ config, tensors }) => files.has(config) && files.has(tensors));
  const [own] = ADAPTOR_FILES.filter(({ config, tensors }) => files.has(config) || files.has(tensors));
  const missing = isWhole ? undefined : [own!.config, own!.tensors].find((name) => !files.has(name));
  return { files, signature: signatures.sort().join('\n'), isSummed: files.has(SUMS), missing };
}

function isSumsAlone(files: ReadonlyMap<string, Listed>): boolean {
  return files.size === 1 && files.has(SUMS);
}

/** A key may hold what no name of a folder may. */
function isFolderName(name: string): boolean {
  return !['', '.', '..'].includes(name) && !/[\\\0]/.test(name) && !isDropping(name);
}
