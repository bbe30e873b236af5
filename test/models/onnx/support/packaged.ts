import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { missing, unsupported } from '../../../support/tools.js';

/** Where scripts/onnx-real.sh puts what it fetches. */
const FOLDER = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn', 'onnx-networks');

/** The path of a network that a package ships; skips the running test where it was not fetched, and in CI only where the registry lacks it. */
export function packagedFile(test: Mocha.Context, name: string): string {
  if (existsSync(join(FOLDER, `${name}.absent`))) unsupported(test, `found no package with ${name}`);
  const path = join(FOLDER, `${name}.package.onnx`);
  if (!existsSync(path.replace(/onnx$/, 'safetensors'))) missing(test, `needs ${name}: scripts/onnx-real.sh`);
  return path;
}
