import * as fs from 'node:fs/promises';
import { naming } from './system-error.js';

/** Node's own, with errors that name the path where reading fails, too: the system's name it where opening does. */
export function readFile(path: string, encoding: 'utf8'): Promise<string>;
export function readFile(path: string): Promise<Buffer>;
export function readFile(path: string, encoding?: 'utf8'): Promise<string | Buffer> {
  return naming(path, () => fs.readFile(path, encoding));
}
