import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keepApart, keepInputs as keep, type Place } from '../src/common/same-file.js';

/** What a command reads, by what names it to the user: `{ '--checkpoint': folder }`; what is undefined was not given. */
export interface Inputs {
  files?: Record<string, string | readonly string[] | undefined>;
  /** Folders of networks and adaptors, with those in folders inside. */
  folders?: Record<string, string | readonly string[] | undefined>;
  /** Specs of datasets. */
  data?: Record<string, string | undefined>;
  /** What `gearnn distort` wrote, and the levels that are read of it. */
  prepared?: { folder: string | undefined; levels: readonly string[] };
}

/** What a command writes, by what names it to the user. */
export interface Outputs {
  files?: Record<string, string | readonly string[] | undefined>;
  /** Folders in which anything may be replaced or removed. */
  wholes?: Record<string, string | readonly string[] | undefined>;
}

/**
 * Refuses a call that would write over what it reads, or two results into one file. A command calls it before it writes anything.
 *
 * @throws E_USAGE naming both; what opening a dataset throws
 */
export async function keepInputs(outputs: Outputs, inputs: Inputs): Promise<void> {
  const files = placesOf(outputs.files);
  const wholes = placesOf(outputs.wholes).map((place) => ({ ...place, whole: true as const }));
  await keepApart(files);
  await keep([...files, ...wholes], await inputPlaces(inputs));
}

async function inputPlaces({ files, folders, data, prepared }: Inputs): Promise<Place[]> {
  const places = placesOf(files);
  for (const { name, path } of placesOf(folders)) {
    for (const file of await filesBelow(path)) places.push({ name, path: file });
  }
  const specs = Object.entries(data ?? {}).flatMap(([name, spec]) => (spec === undefined ? [] : [{ name, spec }]));
  for (const level of prepared?.folder === undefined ? [] : prepared.levels) {
    const { existsSync } = await import('node:fs');
    const { canonicalLevel } = await import('../src/distort/level-folders.js');
    const copy = join(prepared!.folder!, canonicalLevel(level));
    if (existsSync(join(copy, 'dataset.json'))) specs.push({ name: '--prepared', spec: `list:${copy}` });
  }
  for (const { name, spec } of specs) {
    const { openDataset } = await import('../src/data/registry.js');
    const { inputFilesOf } = await import('../src/data/input-files.js');
    for (const path of await inputFilesOf(await openDataset(spec))) places.push({ name, path });
  }
  return places;
}

function placesOf(named: Outputs['files'] = {}): Place[] {
  return Object.entries(named).flatMap(([name, path]) =>
    path === undefined ? [] : [path].flat().map((one) => ({ name, path: one })),
  );
}

/** Files that networks and frequency responses are read from, beside those of adaptors; whatever else lies beside them is not. */
const READ = ['config.json', 'model.safetensors', 'model.onnx', 'response.json', 'response.npy'];

/** Files of a network's or an adaptor's folder, and of the folders in it: `adaptors/LEVEL/adaptor.safetensors` at the deepest. */
async function filesBelow(folder: string, depth = 2): Promise<string[]> {
  const { ADAPTOR_FILES } = await import('../src/adaptor/kinds/registry.js');
  const read = new Set([...READ, ...ADAPTOR_FILES.flatMap(({ config, tensors }) => [config, tensors])]);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (read.has(entry.name)) return [path];
    return entry.isFile() || depth === 0 ? [] : filesBelow(path, depth - 1);
  });
  return (await Promise.all(below)).flat();
}
