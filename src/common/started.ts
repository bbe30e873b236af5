import { join } from 'node:path';
import { writeJsonAtomic } from './files.js';
import { isGone, thisProcess, type ProcessName } from './process.js';
import { readText } from './text-file.js';

/** Written when somebody begins to write into a folder. */
export const STARTED = 'started.json';

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
