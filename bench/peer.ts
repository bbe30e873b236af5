import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The Python that `scripts/bench-tools.sh` made, or what GEARNN_BENCH_PYTHON names; null where there is none with all of `modules`, which
 * are found and not imported, as that takes seconds.
 */
export function peerPython(modules: string): string | null {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const candidates = [
    process.env['GEARNN_BENCH_PYTHON'],
    join(cache, 'gearnn', 'bench-tools', 'bin', 'python'),
    join(cache, 'gearnn', 'test-tools', 'bin', 'python'),
  ];
  return (
    candidates.find(
      (python) =>
        python !== undefined &&
        existsSync(python) &&
        spawnSync(python, ['-c', FINDS, ...modules.split(', ')]).status === 0,
    ) ?? null
  );
}

const FINDS = 'import sys; from importlib.util import find_spec; sys.exit(not all(find_spec(m) for m in sys.argv[1:]))';

/** Runs a command and gives what it prints. */
export function runText(command: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.slice(-2000)}`);
  return stdout;
}

/** Runs a command that prints one JSON value as its last output, and gives that. */
export function runJson<T>(command: string, args: string[]): T {
  const text = runText(command, args);
  return JSON.parse(text.slice(text.search(/[[{]/))) as T;
}

/** Middle value; of an even number the lower one. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

export const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
