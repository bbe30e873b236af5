import { fileURLToPath } from 'node:url';
import type { ClassInfo } from './dataset.js';
import { readTextSync } from '../common/text-file.js';

/** What `datasets/NAME.json` says about a dataset that gearnn knows by name. */
export interface Descriptor {
  name: string;
  classes: ClassInfo[];
  ignore: number;
  /** Stored id -> class id or `ignore`. */
  ids: ReadonlyMap<number, number>;
}

/** Reads `datasets/NAME.json` of this package, from the sources (`src/data/`) and from the build (`dist/src/data/`). */
export function readDescriptor(name: string): Descriptor {
  const found = ['../../datasets', '../../../datasets']
    .map((folder) => new URL(`${folder}/${name}.json`, import.meta.url))
    .map(readIfThere)
    .find((text) => text !== undefined);
  if (found === undefined) throw new Error(`datasets/${name}.json is not in this copy of gearnn`);
  const { classes, ignore, ids } = JSON.parse(found) as Omit<Descriptor, 'ids'> & { ids: Record<string, number> };
  return { name, classes, ignore, ids: new Map(Object.entries(ids).map(([stored, id]) => [Number(stored), id])) };
}

function readIfThere(url: URL): string | undefined {
  try {
    return readTextSync(fileURLToPath(url));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
