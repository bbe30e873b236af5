import { join } from 'node:path';
import { packageRoot } from './package-root.js';
import { readTextSync } from './text-file.js';

/** gearnn's version, out of its package.json. */
export function gearnnVersion(): string {
  const { version } = JSON.parse(readTextSync(join(packageRoot(), 'package.json'))) as { version: string };
  return version;
}
