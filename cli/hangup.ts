import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { readTextSync } from '../src/common/text-file.js';

let ignored: boolean | undefined;

/**
 * Whether the command was started to outlive its terminal. `nohup` says so by ignoring SIGHUP, but Node takes every signal up again when
 * it starts, so what is left of nohup tells: a stdin that can only be written (GNU), or the shell's `_`, the program that it started.
 */
export function isHangupIgnored(): boolean {
  return (ignored ??= basename(process.env['_'] ?? '') === 'nohup' || hasUnreadableInput());
}

/** @source coreutils, src/nohup.c: a terminal on stdin becomes /dev/null, opened for writing */
function hasUnreadableInput(): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readTextSync('/proc/self/fdinfo/0'))?.[1] ?? '0';
    return readlinkSync('/proc/self/fd/0') === '/dev/null' && (parseInt(flags, 8) & 3) === 1;
  } catch {
    return false;
  }
}
