import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/common/package-root.js';
import { openDataset } from '../src/data/registry.js';
import { prepare } from '../src/distort/prepare.js';
import { parseLevel } from '../src/distort/level.js';
import { median, peerPython, runJson } from './peer.js';
import { renderScenes } from './scenes.js';

type Peer = 'Pillow' | 'imagecorruptions';

const LEVELS: readonly (readonly [level: string, peer: Peer])[] = [
  ['jpeg=30', 'Pillow'],
  ['brightness=0.5', 'Pillow'],
  ['noise=3', 'imagecorruptions'],
  ['motion=3', 'imagecorruptions'],
  ['defocus=3', 'imagecorruptions'],
  ['fog=3', 'imagecorruptions'],
];

export interface DistortRow {
  level: string;
  peer: Peer;
  images: number;
  gearnnImagesPerSecond: number;
  peerImagesPerSecond: number | null;
  speedup: number | null;
  /** Processor time of all threads and processes: what a busy machine distorts least. */
  gearnnCpuSeconds: number;
  peerCpuSeconds: number | null;
}

interface Timing {
  seconds: number;
  cpu: number;
}

/** Decoding PNGs of 360x480, distorting, encoding and writing, with both cores: gearnn's writer and a pool of its peer's processes in turns. */
export async function benchDistort({
  rounds,
  images,
  levels,
}: {
  rounds: number;
  images: number;
  /** Parts of levels' names. */
  levels: readonly string[];
}): Promise<DistortRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gearnn-bench-'));
  const peers = {
    Pillow: { script: 'distort_pillow.py', python: peerPython('PIL') },
    imagecorruptions: { script: 'distort_imagecorruptions.py', python: peerPython('imagecorruptions') },
  };
  try {
    await renderScenes(join(folder, 'source'), images);
    const dataset = await openDataset(`list:${join(folder, 'source')}`);
    const rows: DistortRow[] = [];
    for (const [text, peer] of LEVELS.filter(([name]) => levels.some((part) => name.includes(part)))) {
      const { script, python } = peers[peer];
      const own: Timing[] = [];
      const others: Timing[] = [];
      for (let round = 0; round < rounds; round++) {
        const out = join(folder, `gearnn-${text}-${round}`);
        const [start, before] = [performance.now(), process.cpuUsage()];
        await prepare({ dataset, levels: [parseLevel(text)], out });
        const seconds = (performance.now() - start) / 1000;
        const { user, system } = process.cpuUsage(before);
        own.push({ seconds, cpu: (user + system) / 1e6 });
        if (!python) continue;
        const target = join(folder, `peer-${text}-${round}`);
        others.push(
          runJson<Timing>(python, [
            join(packageRoot(), 'bench', 'peers', script),
            join(folder, 'source'),
            target,
            text,
          ]),
        );
      }
      const gearnnImagesPerSecond = images / median(own.map(({ seconds }) => seconds));
      const peerImagesPerSecond = python ? images / median(others.map(({ seconds }) => seconds)) : null;
      rows.push({
        level: text,
        peer,
        images,
        gearnnImagesPerSecond,
        peerImagesPerSecond,
        speedup: peerImagesPerSecond === null ? null : gearnnImagesPerSecond / peerImagesPerSecond,
        gearnnCpuSeconds: median(own.map(({ cpu }) => cpu)),
        peerCpuSeconds: python ? median(others.map(({ cpu }) => cpu)) : null,
      });
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
