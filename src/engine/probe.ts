import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithParent } from '../common/children.js';
import { type EngineName } from './start.js';

/** Whether an engine starts and computes. */
export type ProbeReply = { works: true; version: string } | { works: false; reason: string };

export interface ProbeOptions {
  /** Seconds after which an engine that says nothing counts as hung. */
  timeout?: number;
  env?: NodeJS.ProcessEnv;
}

/**
 * Starts an engine in a process of its own and multiplies two 2x2 matrices there.
 *
 * @returns never throws: a native crash, a hang and a wrong product are reasons, too
 */
export function probeEngine(
  engine: EngineName,
  { timeout = 120, env = process.env }: ProbeOptions = {},
): Promise<ProbeReply> {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = fileURLToPath(new URL(`./probe-entry.${ending}`, import.meta.url));
  return new Promise((resolve) => {
    const child = fork(entry, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env,
      timeout: timeout * 1000,
      killSignal: 'SIGKILL',
    });
    endWithParent(child);
    let reply: ProbeReply | undefined;
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-10_000)));
    child.on('message', (message: ProbeReply) => (reply = message));
    child.on('error', (error) => resolve({ works: false, reason: error.message }));
    child.on('close', (status, signal) => {
      const last = said.split('\n').findLast((line) => line.trim() !== '') ?? '';
      const end = signal ? `the process ended by ${signal}` : `the process ended with status ${status}`;
      resolve(reply ?? { works: false, reason: last ? `${end}: ${last.trim()}` : end });
    });
    child.send(engine);
  });
}
