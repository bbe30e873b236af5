import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { encodeEvent, stepOf } from './event.js';
import type { RunLog } from './run-log.js';
import { decodeRecords, encodeRecord } from './tfrecord.js';
import { makeFolderSync } from '../../common/folders.js';

/** Tag of what is written once an epoch. */
const EPOCH = 'epoch/loss';
/** TensorBoard takes any file with `tfevents` in its name; the ending tells ours from those of other programs. */
const NAME = /^events\.out\.tfevents\..*\.gearnn$/;

/**
 * A TensorBoard event file in `folder`: `tensorboard --logdir FOLDER` shows loss, learning rate, speed and mean IoU over the steps.
 * A resumed run goes on in a new file that begins with what is kept of the last one.
 */
export function tensorboardLog(folder: string): RunLog {
  let file: number | undefined;
  const write = (step: number, scalars: Record<string, number>): void => {
    const record = encodeRecord(encodeEvent({ wallTime: Date.now() / 1000, step, scalars }));
    // A disk that has just become full takes a part; the rest then fails, and readers leave out a record that is cut off.
    for (let written = 0; written < record.length;) written += writeSync(file!, record, written);
  };
  return {
    begin(step, epochs) {
      makeFolderSync(folder);
      const before = eventFiles(folder);
      const seconds = Math.floor(Date.now() / 1000);
      const name = `events.out.tfevents.${String(seconds).padStart(10, '0')}.${hostname()}.${process.pid}.gearnn`;
      const path = join(folder, name);
      // The last file holds all of the run: it was begun with what was kept of those before it.
      const kept = before.length > 0 && step > 0 ? keptRecords(join(folder, before.at(-1)!), step, epochs) : [];
      if (kept.length === 0) kept.push(versionRecord());
      const temporary = join(folder, `.${process.pid}.tmp`);
      try {
        writeFileSync(temporary, Buffer.concat(kept));
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
      for (const old of before) if (old !== name) rmSync(join(folder, old));
      file = openSync(path, 'a');
    },
    step({ step, loss, losses, learningRate, imagesPerSecond }) {
      write(step, {
        'train/loss': loss,
        ...tagged('train/loss', losses),
        'train/learning_rate': learningRate,
        'train/images_per_second': imagesPerSecond,
      });
    },
    epoch({ loss, losses, miou, top1 }, step) {
      const scores = {
        ...(miou !== undefined && { 'epoch/miou': miou }),
        ...(top1 !== undefined && { 'epoch/top1': top1 }),
      };
      write(step, { [EPOCH]: loss, ...tagged(EPOCH, losses), ...scores });
    },
    close() {
      const open = file;
      file = undefined;
      if (open !== undefined) closeSync(open);
    },
  };
}

/** Parts of a loss under tags below its own. */
function tagged(tag: string, losses: Record<string, number> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(losses).map(([name, value]) => [`${tag}/${name}`, value]));
}

/** Names of the event files that gearnn wrote into a folder, oldest first. */
export function eventFiles(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => NAME.test(name))
        .sort()
    : [];
}

function versionRecord(): Uint8Array {
  return encodeRecord(encodeEvent({ wallTime: Date.now() / 1000, step: 0, fileVersion: 'brain.Event:2' }));
}

/** The records of a file up to the first one of a later step or epoch, or the first that is damaged. */
function keptRecords(path: string, step: number, epochs: number): Uint8Array[] {
  const content = readFileSync(path);
  let [length, ended] = [0, 0];
  for (const { data, end } of decodeRecords(content)) {
    if (Buffer.from(data).includes(EPOCH)) ended++;
    if (stepOf(data) > step || ended > epochs) break;
    length = end;
  }
  return length === 0 ? [] : [content.subarray(0, length)];
}
