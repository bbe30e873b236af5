import { fail } from '../../common/errors.js';
import { openLineFile, type LineFile } from './line-file.js';
import type { RunLog } from './run-log.js';
import { withoutMark } from '../../common/text-file.js';

/**
 * A log of one JSON object per line: `{"event":"step","step":1,"epoch":1,"loss":2.3,...}` and, after each epoch,
 * `{"event":"epoch","step":50,"epoch":1,"loss":1.2,"miou":0.3,...}`. The file is made, or taken up, when the run begins.
 *
 * @throws E_TRAIN_LOG when the run begins on a file that is not such a log
 */
export function jsonlLog(path: string): RunLog {
  let file: LineFile | undefined;
  const write = (record: object): void => file!.append(JSON.stringify(record));
  return {
    begin(step, epochs) {
      file = openLineFile(path, (content) => lengthUpTo(content, { step, epochs }, path));
    },
    step: (record) => write({ event: 'step', ...record }),
    epoch: (record, step) => write({ event: 'epoch', step, ...record }),
    close() {
      const open = file;
      file = undefined;
      open?.close();
    },
  };
}

/** Bytes of a log up to the first record of what comes after `last`, or the first line that is damaged or cut off. */
function lengthUpTo(content: Buffer, last: { step: number; epochs: number }, path: string): number {
  let length = 0;
  for (let end = content.indexOf('\n'); end >= 0; end = content.indexOf('\n', length)) {
    const record = readRecord(withoutMark(content.toString('utf8', length, end)));
    if (!record && length === 0) notALog(path);
    if (!record || record.step > last.step || (record.event === 'epoch' && record.epoch > last.epochs)) break;
    length = end + 1;
  }
  if (length === 0 && content.length > 0 && !withoutMark(content.toString('utf8', 0, 4)).startsWith('{')) notALog(path);
  return length;
}

interface Recorded {
  event: string;
  step: number;
  epoch: number;
}

/** undefined for a line that is none of a log. */
function readRecord(line: string): Recorded | undefined {
  try {
    const record = JSON.parse(line) as Recorded;
    return typeof record.step === 'number' ? record : undefined;
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
