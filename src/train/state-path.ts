import { join } from 'node:path';

/** Where a run keeps what it goes on from, in its folder. */
export function statePath(folder: string): string {
  return join(folder, '.state', 'state.safetensors');
}
