import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endWithParent, howEnded } from '../common/children.js';
import { siblingModule } from '../common/sibling-module.js';
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
  const entry = fileURLToPath(siblingModule(import.meta.url, 'probe-entry'));
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
      const end = `the process ${howEnded(status, signal)}`;
      resolve(reply ?? { works: false, reason: last ? `${end}: ${last.trim()}` : end });
    });
    child.send(engine);
  });
}
