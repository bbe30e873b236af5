import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail } from '../../common/errors.js';
import type { RunLog } from './run-log.js';

/**
 * A log of one JSON object per line: `{"event":"step","step":1,"epoch":1,"loss":2.3,...}` and, after each epoch,
 * `{"event":"epoch","step":50,"epoch":1,"loss":1.2,"miou":0.3,...}`. The file is made, or taken up, when the run begins.
 *
 * @throws E_TRAIN_LOG when the run begins on a file that is not such a log
 */
export function jsonlLog(path: string): RunLog {
  let file: number | undefined;
  // Each line is one write, so that a killed process leaves whole lines.
  const write = (record: object): void => void writeSync(file!, `${JSON.stringify(record)}\n`);
  return {
    begin(step) {
      mkdirSync(dirname(path), { recursive: true });
      file = openSync(path, 'a+');
      ftruncateSync(file, lengthUpTo(readFileSync(path), step, path));
    },
    step: (record) => write({ event: 'step', ...record }),
    epoch: (record, step) => write({ event: 'epoch', step, ...record }),
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** Bytes of a log up to the first record of a step after `last`, or the first line that is damaged or cut off. */
function lengthUpTo(content: Buffer, last: number, path: string): number {
  let length = 0;
  for (let end = content.indexOf('\n'); end >= 0; end = content.indexOf('\n', length)) {
    const step = stepOf(content.toString('utf8', length, end));
    if (step === undefined || step > last) {
      if (step === undefined && length === 0) notALog(path);
      break;
    }
    length = end + 1;
  }
  if (length === 0 && content.length > 0 && content[0] !== '{'.charCodeAt(0)) notALog(path);
  return length;
}

function stepOf(line: string): number | undefined {
  try {
    const { step } = JSON.parse(line) as { step?: unknown };
    return typeof step === 'number' ? step : undefined;
  } catch {
    return undefined;
  }
}

function notALog(path: string): never {
  fail('E_TRAIN_LOG', {
    where: path,
    expected: 'no file, or the log of the run to resume',
    got: 'a file of something else',
    todo: 'Give another path to --log.',
  });
}
