import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/common/package-root.js';
import { median } from '../peer.js';
import { takeTurns, type Side } from '../side.js';
import type { Cell, PairRow, Timed } from './cell.js';
import { FOLDER, fileOf, programs, torchPython, type Program } from './programs.js';

/** Passes by which one of a program's settings is chosen. */
const TRIAL = 3;

/** A side at its best setting. */
interface Chosen {
  side: Side;
  version: string;
  setting: string;
  first: number;
}

export interface PairOptions {
  cells: readonly Cell[];
  /** Parts of names of peers; gearnn is always there. */
  peers: readonly string[];
  /** Passes that are timed at least, and seconds for which they go on. */
  rounds: number;
  least: number;
  /** Rows of a run that was interrupted: what they have is not measured again. */
  known: readonly PairRow[];
  note: (row: PairRow) => void;
}

/**
 * gearnn and its peers in every case, each in a process of its own that loads before it is timed, in turns.
 *
 * @returns what installs the peers that are not there, by their names
 */
export async function benchPairs({ cells, peers, known, note, ...turns }: PairOptions): Promise<Map<string, string>> {
  const scratch = mkdtempSync(join(tmpdir(), 'gearnn-bench-'));
  try {
    const all = programs(scratch).filter(({ name }) => name === 'gearnn' || peers.some((part) => name.includes(part)));
    const taken = all.filter(({ absent }) => absent === undefined);
    for (const cell of cells) {
      const old = known.find((row) => keyOf(row) === keyOf(cell));
      const does = taken.filter((program) => program.settings(cell).length > 0);
      const isKnown = old !== undefined && does.every(({ name }) => 'seconds' in (old.programs[name] ?? {}));
      note(isKnown ? old : await benchCell(cell, does, turns));
    }
    return new Map(all.flatMap(({ name, absent }) => (absent === undefined ? [] : [[name, absent]])));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

export const keyOf = ({ what, network, batch, threads, precision }: Cell): string =>
  [what, network, batch, threads, precision].join('.');

async function benchCell(
  cell: Cell,
  all: readonly Program[],
  { rounds, least }: Pick<PairOptions, 'rounds' | 'least'>,
): Promise<PairRow> {
  const row: PairRow = { ...cell, programs: {}, load: loadavg()[0]! };
  try {
    if (cell.what === 'infer') makeFile(cell);
  } catch (error) {
    const failed = (error as Error).message;
    return { ...row, programs: Object.fromEntries(all.map(({ name }) => [name, { failed }])) };
  }
  const chosen = new Map<string, Chosen>();
  try {
    for (const program of all) {
      try {
        chosen.set(program.name, await choose(program, cell));
      } catch (error) {
        row.programs[program.name] = { failed: (error as Error).message };
      }
    }
    const sides = [...chosen.values()].map(({ side }) => side);
    const seconds = await takeTurns(sides, rounds, least);
    for (const [i, [name, { side, ...found }]] of [...chosen].entries()) {
      const memory = side.memory();
      const { difference = null } = await side.end<{ difference?: number | null }>();
      const { resident = null, peak = null } = memory ?? {};
      row.programs[name] = { ...found, seconds: median(seconds[i]!), resident, peak, difference } satisfies Timed;
    }
  } finally {
    for (const { side } of chosen.values()) side.kill();
  }
  row.load = loadavg()[0]!;
  return row;
}

/** Starts a program with each of its settings, one after the other, and keeps the one whose fastest pass is the fastest. */
async function choose(program: Program, cell: Cell): Promise<Chosen> {
  const settings = program.settings(cell);
  let best: (Chosen & { seconds: number }) | undefined;
  for (const setting of settings) {
    const start = performance.now();
    const side = program.start(cell, setting);
    try {
      const { ready, failed } = await side.said<{ ready: string }>();
      if (failed !== undefined) throw new Error(failed);
      await side.turn();
      const first = (performance.now() - start) / 1000;
      const passes: number[] = [];
      while (settings.length > 1 && passes.length < TRIAL) passes.push(await side.turn());
      const seconds = Math.min(...passes);
      const loser = best === undefined || seconds < best.seconds ? best?.side : side;
      if (loser !== side) best = { side, version: ready, setting, first, seconds };
      loser?.kill();
    } catch (error) {
      side.kill();
      best?.side.kill();
      throw error;
    }
  }
  const { side, version, setting, first } = best!;
  return { side, version, setting, first };
}

/** Has PyTorch write the ONNX file of a case, and onnxruntime answer it, where that is not there. */
function makeFile(cell: Cell): void {
  if (existsSync(fileOf(cell))) return;
  const python = torchPython();
  if (!python) throw new Error(`${fileOf(cell)} is not there, and nothing to make it: bash scripts/onnx-tools.sh`);
  const script = join(packageRoot(), 'bench', 'peers', 'compared.py');
  const { status, stderr } = spawnSync(python, [script, cell.network, String(cell.batch), FOLDER], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${cell.network}: ${stderr.trim().slice(-500)}`);
}
