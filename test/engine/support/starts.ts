import { spawn } from 'node:child_process';
import type { Engine, EngineOptions } from '../../../src/engine/start.js';
import { programOf } from '../../support/programs.js';
import { ROOT } from '../../support/sources.js';

/** What came of one start, and what computed afterwards. */
export interface StartReply {
  engine?: Engine;
  code?: string;
  message?: string;
  backend: string;
  product: number[];
  /** Threads of the whole process; 0 where the system does not say. */
  threads: number;
}

export interface Starts {
  replies: StartReply[];
  stdout: string;
  stderr: string;
}

/** Starts engines, one after the other, in a process of their own: what an engine is started with cannot change within one. */
export function startEngines(
  starts: EngineOptions[],
  { env = {}, inWorker = false }: { env?: NodeJS.ProcessEnv; inWorker?: boolean } = {},
): Promise<Starts> {
  const entry = programOf('./start-entry', import.meta.url);
  const child = spawn(process.execPath, [...entry, JSON.stringify({ starts, inWorker })], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('close', (status, signal) => {
      if (status !== 0) return reject(new Error(`the process ended with ${signal ?? status}: ${stderr}`));
      const lines = stdout.trimEnd().split('\n');
      resolve({ replies: JSON.parse(lines.pop()!) as StartReply[], stdout: lines.join('\n'), stderr });
    });
  });
}
