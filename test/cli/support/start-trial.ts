import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { programOf } from '../../support/programs.js';

/** What follows `node` to run `trial.ts`. */
export const TRIAL: readonly string[] = programOf('./trial', import.meta.url);

/** How a program ended. */
export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Starts a command of `trial.ts`. */
export function start(...parameters: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...TRIAL, ...parameters], { env: { ...process.env, NO_COLOR: '1' } });
}

/** Waits for the end; `onOut` is called when the first of stdout comes. */
export async function ended(child: ChildProcessWithoutNullStreams, onOut?: () => void): Promise<Ended> {
  let out = '';
  let err = '';
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  if (onOut) child.stdout.once('data', onOut);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** Runs a command of `trial.ts` to its end. */
export function trial(...parameters: string[]): Promise<Ended> {
  return ended(start(...parameters));
}
