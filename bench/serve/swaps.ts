import { join } from 'node:path';
import { packageRoot } from '../../src/common/package-root.js';
import { timeSwaps } from '../../src/serve/swap-timing.js';
import { runJson } from '../peer.js';
import { withLevels } from './levels.js';

export interface SwapRow {
  /** Adaptors, and as many whole networks. */
  levels: number;
  swapMicroseconds: { p50: number; p99: number };
  /** A level's whole network from files to weights in place. */
  diskMilliseconds: number;
  /** Of tensors: base and adaptors, and a whole network per level. */
  adaptorBytes: number;
  networkBytes: number;
  /** What the process grew by, with a frame answered at each level; null where it was not tried. */
  adaptorProcessBytes: number | null;
  networkProcessBytes: number | null;
}

export interface SwapOptions {
  checkpoint: string;
  adaptors: string;
  size: [height: number, width: number];
  /** Numbers of levels to try. */
  counts: number[];
  /** Most whole networks that are really held. */
  networks: number;
}

/** What a change of level costs by swapping an adaptor, by loading a network, and by keeping one for each level. */
export async function benchSwaps(options: SwapOptions): Promise<SwapRow[]> {
  const { checkpoint, adaptors, size, counts, networks } = options;
  const script = join(packageRoot(), 'dist', 'bench', 'serve', 'residency.js');
  const grown = (what: 'adaptors' | 'networks', folder: string, count: number): number =>
    runJson<{ bytes: number }>(process.execPath, [script, what, checkpoint, folder, String(count), ...size.map(String)])
      .bytes;
  const rows: SwapRow[] = [];
  for (const levels of counts) {
    rows.push(
      await withLevels(adaptors, levels, async (folder) => {
        const timing = await timeSwaps(checkpoint, folder);
        return {
          levels,
          swapMicroseconds: timing.swapMicroseconds,
          diskMilliseconds: timing.diskLoadMilliseconds,
          adaptorBytes: timing.residentBytes,
          // Clean is a level of the timing's, but no network of its own here.
          networkBytes: (timing.switchingBytes / timing.levels) * levels,
          adaptorProcessBytes: grown('adaptors', folder, levels),
          networkProcessBytes: levels <= networks ? grown('networks', folder, levels) : null,
        };
      }),
    );
  }
  return rows;
}
