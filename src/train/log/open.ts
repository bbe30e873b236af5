import { existsSync } from 'node:fs';
import { fail } from '../../common/errors.js';
import { jsonlLog } from './jsonl.js';
import type { RunLog } from './run-log.js';
import { eventFiles, tensorboardLog } from './tensorboard.js';

export { combineLogs } from './run-log.js';

export interface RunLogOptions {
  /** File of JSON lines. */
  file?: string;
  /** Folder for TensorBoard. */
  tensorboard?: string;
  /** Refuse logs that are there already. */
  keep: boolean;
}

/**
 * The logs that are asked for. Nothing is written before the run begins.
 *
 * @throws E_OUT_EXISTS where a log is there and is to be kept
 */
export function openRunLogs({ file, tensorboard, keep }: RunLogOptions): RunLog[] {
  const logs: RunLog[] = [];
  if (file !== undefined) {
    if (keep && existsSync(file)) refuse('--log', file);
    logs.push(jsonlLog(file));
  }
  if (tensorboard !== undefined) {
    const [there] = eventFiles(tensorboard);
    if (keep && there !== undefined) refuse('--tensorboard', `${tensorboard}/${there}`);
    logs.push(tensorboardLog(tensorboard));
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
