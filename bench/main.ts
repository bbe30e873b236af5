import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { formatTable } from '../cli/output.js';
import { benchDistort } from './distort.js';
import { benchNetwork } from './network.js';

/** `npm run bench [-- --rounds N --steps N --out FILE]`: every figure beside its peer's of the same run. */
const value = (name: string, fallback: string): string => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : (process.argv[index + 1] ?? fallback);
};
const rounds = Number(value('rounds', '3'));
const steps = Number(value('steps', '5'));

const show = (number: number | null, digits: number): string =>
  number === null ? 'not installed' : number.toFixed(digits);
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`;
console.log(`${machine}; ${rounds} starts of each, in turns; medians\n`);

const network = benchNetwork({ rounds, steps });
console.log(
  formatTable(
    network.map((row) => [
      `${row.what} ${row.precision}`,
      show(row.gearnnSeconds, 3),
      show(row.peerSeconds, 3),
      show(row.speedup, 2),
      show(row.gearnnMegabytes, 0),
      show(row.peerMegabytes, 0),
    ]),
    { head: ['DRN-D-22 256x512', 'gearnn s', 'PyTorch s', 'times as fast', 'gearnn MB', 'PyTorch MB'] },
  ),
);

const distort = await benchDistort({ rounds, images: 100 });
console.log(
  `\n${formatTable(
    distort.map((row) => [
      row.level,
      show(row.gearnnImagesPerSecond, 0),
      show(row.peerImagesPerSecond, 0),
      show(row.speedup, 2),
    ]),
    { head: ['distort 360x480', 'gearnn images/s', 'Pillow images/s', 'times as fast'] },
  )}`,
);
if (distort.some((row) => row.speedup === null) || network.some((row) => row.speedup === null)) {
  console.log('\nPeers that are not installed: bash scripts/bench-tools.sh');
}
const out = value('out', '');
if (out) {
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify({ machine, rounds, steps, network, distort }, null, 2)}\n`);
}
