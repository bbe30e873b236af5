import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { GEARNN } from '../../support/programs.js';

/** How a command ended, and what it printed. */
export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs `gearnn PARAMETERS...` in a process of its own. */
export function gearnn(...parameters: string[]): Promise<Ended> {
  return gearnnIn({}, ...parameters);
}

/** As {@link gearnn}, in another working folder, or with more parameters of Node.js itself. */
export async function gearnnIn(
  { cwd, node = [] }: { cwd?: string; node?: readonly string[] },
  ...parameters: string[]
): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [...node, ...GEARNN, ...parameters], { env, cwd });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
