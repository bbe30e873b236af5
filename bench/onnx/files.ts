import { existsSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { homedir } from 'node:os';

export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn');

/** Which files of a folder are meant. */
export interface Chosen {
  /** Default: where bench/onnx/export.py and scripts/onnx-real.sh put theirs. */
  folder?: string;
  /** A part of the file's name. */
  only?: string;
  /** Names of networks, each as it is; none for all. */
  networks?: readonly string[];
}

/** A file that was exported, or could not be: `NETWORK.EXPORTER.onnx`, or `.failed`. */
export interface ExportedFile {
  path: string;
  network: string;
  /** `torchscript`, `dynamo`, either with `.unfolded`, or `package`. */
  exporter: string;
  unwritten: boolean;
}

/**
 * The files that are meant, by name.
 *
 * @throws Error for a network that the folder has no file of, with those that it has
 */
export function filesIn({ folder, only = '', networks = [] }: Chosen): ExportedFile[] {
  const place = folder || join(CACHE, 'onnx-networks');
  const names = (existsSync(place) ? readdirSync(place) : []).filter((name) => /\.(onnx|failed)$/.test(name)).sort();
  const files = names.map((name): ExportedFile => {
    const [network, ...exporter] = basename(name, extname(name)).split('.');
    const unwritten = name.endsWith('.failed');
    return { path: join(place, name), network: network!, exporter: exporter.join('.'), unwritten };
  });
  const known = new Set(files.map(({ network }) => network));
  const missing = networks.filter((name) => !known.has(name));
  if (missing.length > 0) {
    const got = [...known].join(', ') || 'none: bench/onnx/export.py and scripts/onnx-real.sh make them';
    throw new Error(`${place}: expected files of ${missing.join(', ')}, got ${got}`);
  }
  return files.filter(
    ({ network, path }) => (networks.length === 0 || networks.includes(network)) && basename(path).includes(only),
  );
}
