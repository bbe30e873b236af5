import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/**
 * gearnn's own folder: the checkout, or the installed package; found from the sources (`src/common/`) and from the build
 * (`dist/src/common/`).
 */
export function packageRoot(): string {
  const candidates = ['../..', '../../..'].map((up) => fileURLToPath(new URL(up, import.meta.url)));
  return candidates.find((folder) => existsSync(join(folder, 'package.json'))) ?? candidates[0]!;
}
