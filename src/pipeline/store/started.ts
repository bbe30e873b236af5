import { join } from 'node:path';
import { writeJsonAtomic } from '../../common/files.js';
import { isGone, thisProcess, type ProcessName } from '../../common/process.js';
import { readText } from '../../common/text-file.js';
import { STARTED } from './result-files.js';

/** Writes into a writer's folder who writes there, and since when. */
export async function writeStarted(folder: string, about: object = {}): Promise<void> {
  const started = { ...about, started: new Date().toISOString(), process: await thisProcess() };
  await writeJsonAtomic(join(folder, STARTED), started);
}

/** Whether a folder's writer was a process of this machine that has ended. */
export async function isGoneFrom(folder: string): Promise<boolean> {
  try {
    const { process } = JSON.parse(await readText(join(folder, STARTED))) as { process?: ProcessName };
    // Of before there was more than one writer: it held a lock on all of the folder.
    return process === undefined || (await isGone(process));
  } catch {
    return false;
  }
}
