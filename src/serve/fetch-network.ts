import { unpackError } from '../common/wire.js';
import type { EngineCall, EngineCalls, LoadedModel } from './engine/messages.js';
import { itemName, type Problem } from './problems.js';
import { type Shelf, signatureOf } from './shelf.js';

/** Calls the engine process. */
export type CallEngine = <C extends EngineCall>(
  call: C,
  ...parameters: Parameters<EngineCalls[C]>
) => Promise<ReturnType<EngineCalls[C]>>;

/** What is served of an adaptor's folder: what its files were when they were last read, and their level where it could be read. */
export interface Applied {
  signature: string;
  level?: string;
}

/**
 * Has the engine load a network with its adaptors.
 *
 * @returns the network as it was loaded, the adaptors that were left out, and all folders that were read
 * @throws E_SERVE_MODEL, what is wrong with the network's own files, E_SERVE_ENGINE
 */
export async function fetchNetwork(
  name: string,
  shelf: Shelf,
  call: CallEngine,
): Promise<{ description: LoadedModel; problems: Problem[]; applied: Map<string, Applied> }> {
  // From before the files are read: what changes meanwhile is tried again.
  const { folders, broken } = await shelf.adaptors(name);
  const paths = [...folders.values(), ...broken.map(({ folder }) => folder)];
  const signatures = new Map(await Promise.all(paths.map(async (path) => [path, await signatureOf(path)] as const)));
  const description = await call('load', name, await shelf.folders(name));
  const problems = (description.broken ?? []).map((one) => ({
    ...one,
    name: itemName(name, one),
    network: name,
    error: unpackError(one.error),
    signature: signatures.get(one.folder) ?? '',
  }));
  const levels = new Map([...folders].map(([level, folder]) => [folder, level]));
  const applied = new Map([...signatures].map(([path, signature]) => [path, { signature, level: levels.get(path) }]));
  return { description, problems, applied };
}
