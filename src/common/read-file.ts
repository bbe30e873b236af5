import * as fs from 'node:fs/promises';
import { naming } from './system-error.js';

/** Node's own, with errors that name the path where reading fails, too: the system's name it where opening does. Text is read by `readText`. */
export function readFile(path: string): Promise<Buffer> {
  return naming(path, () => fs.readFile(path));
}
