import { existsSync } from 'node:fs';
import { fail } from '../../common/errors.js';
import { isStream } from '../../common/steady-writer.js';
import { jsonlLog } from './jsonl.js';
import type { RunLog } from './run-log.js';
import { steadyLog } from './steady.js';
import { eventFiles, tensorboardLog } from './tensorboard.js';

export { combineLogs } from './run-log.js';

export interface RunLogOptions {
  /** File of JSON lines. */
  file?: string;
  /** Folder for TensorBoard. */
  tensorboard?: string;
  /** Refuse logs that are there already. */
  keep: boolean;
  /** Told once for each log that cannot be written any more: the training goes on without it. */
  onStop: (message: string) => void;
}

/** What a log meets, in words. */
const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EPIPE: 'its reader has left',
  ENXIO: 'nobody reads it',
  EAGAIN: 'its reader was too slow, and lines are missing',
};

/**
 * The logs that are asked for. Nothing is written before the run begins.
 *
 * @throws E_OUT_EXISTS where a log is there and is to be kept
 */
export function openRunLogs({ file, tensorboard, keep, onStop }: RunLogOptions): RunLog[] {
  const logs: RunLog[] = [];
  const add = (log: RunLog, option: string, path: string): void => {
    const stop = ({ code, message }: NodeJS.ErrnoException): void =>
      onStop(
        `${option} ${path} ends here: ${REASONS[code ?? ''] ?? code ?? message}. The training goes on without it.`,
      );
    logs.push(steadyLog(log, stop));
  };
  if (file !== undefined) {
    if (keep && existsSync(file) && !isStream(file)) refuse('--log', file);
    add(jsonlLog(file), '--log', file);
  }
  if (tensorboard !== undefined) {
    const [there] = eventFiles(tensorboard);
    if (keep && there !== undefined) refuse('--tensorboard', `${tensorboard}/${there}`);
    add(tensorboardLog(tensorboard), '--tensorboard', tensorboard);
  }
  return logs;
}

function refuse(where: string, path: string): never {
  fail('E_OUT_EXISTS', {
    where,
    expected: 'a place without a log',
    got: `${path}, which is there already`,
    todo: 'Choose another place, or add --force to begin it anew.',
  });
}
