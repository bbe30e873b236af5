import { type InstalledEngine } from './check.js';
import { addonSources } from './compile.js';

/** What stands where an engine is whole and its addons are an older gearnn's. */
export const OUTDATED = 'built by another version of gearnn: it runs, and takes more memory and time';

/**
 * Whether an engine's addons are those that this version of gearnn builds. Others run too, answer the same and take more memory;
 * `installTensorflow` builds them anew.
 */
export async function isCurrent({ manifest }: InstalledEngine): Promise<boolean> {
  return manifest !== null && manifest.sources === (await addonSources());
}
