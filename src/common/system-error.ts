import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { GearnnError } from './errors.js';
import {
  AGAIN,
  ALIKE,
  MEANINGS,
  NO_FOLDER,
  NO_FOLDERS,
  NUL,
  TOO_LARGE,
  WORDS,
  type Meaning,
} from './system-meanings.js';

/** What stands in the place of a path where an error names none. */
export const NOWHERE = 'the file system';

export interface ExplainOptions {
  /** The path, where the error itself names none. */
  where?: string;
  /** How to go on once it is mended. Default: `run the same command again`. */
  again?: string;
}

/**
 * What an error of the operating system means: the path that it is about, its code, and what to do.
 *
 * @returns undefined for an error that is none of the system's
 */
export function explainSystemError(error: unknown, { where, again }: ExplainOptions = {}): GearnnError | undefined {
  const name = systemCode(error);
  if (name === undefined) return undefined;
  const { code, expected, got, todo } = meaningOf(name, (error as NodeJS.ErrnoException).syscall);
  const shown = name.startsWith('ERR_') ? got : `${got} (${name})`;
  return new GearnnError(code, {
    where: pathIn(error as NodeJS.ErrnoException) ?? where ?? NOWHERE,
    expected,
    got: shown,
    todo: todo.replace(AGAIN, again ?? 'run the same command again'),
    cause: error,
  });
}

/** Whether an answer of the system is about the process as a whole, so that every further file would get it as well. */
export function isOfProcess({ code }: GearnnError): boolean {
  return code === 'E_FILES_OPEN' || code === 'E_MEMORY';
}

/** The system's code of an error, or Node's where that refuses a path by itself; undefined for an error that is none of the system's. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof GearnnError) return undefined;
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_INVALID_ARG_VALUE' && message.includes('null bytes')) return code;
  if (code === 'ERR_FS_FILE_TOO_LARGE' || code === 'ERR_STRING_TOO_LONG') return code;
  if (code !== undefined && (Object.hasOwn(MEANINGS, code) || Object.hasOwn(ALIKE, code))) {
    // Node names wrong arguments of its own EINVAL too, without asking the system.
    return code.startsWith('E') && (errno !== undefined || code !== 'EINVAL' || pathIn(error)) ? code : undefined;
  }
  if (error instanceof RangeError && message === 'Array buffer allocation failed') return 'ENOMEM';
  if (error instanceof RangeError && message === 'Invalid string length') return 'ERR_STRING_TOO_LONG';
  if (typeof errno === 'number') return getSystemErrorMap().get(errno)?.[0] ?? nameOf(errno) ?? code;
  return undefined;
}

/** Node's own list lacks some that systems have, EDQUOT and ESTALE among them; it calls those `Unknown system error -122`. */
function nameOf(errno: number): string | undefined {
  const known = Object.entries(constants.errno).find(([, value]) => value === -errno);
  return known?.[0] ?? (process.platform === 'linux' ? LINUX[-errno] : undefined);
}

/** @source Linux, include/uapi/asm-generic/errno.h */
const LINUX: Readonly<Record<number, string>> = { 117: 'EUCLEAN', 121: 'EREMOTEIO' };

/** What a library's message says of the system; undefined where it says nothing of it. */
export function systemCodeInWords(message: string): string | undefined {
  return WORDS.find(([pattern]) => pattern.test(message))?.[1];
}

/** An error of a code as the system would have raised it, for one that a library put in words. */
export function systemErrorOf(code: string, path: string, cause?: unknown): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`, { cause }), { code, path });
}

/** Runs an action on a file; an error that names no path, as one of writing through a handle, gets this one. */
export async function naming<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw withPath(error, path);
  }
}

/** As {@link naming}, for what does not wait. */
export function namingSync<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw withPath(error, path);
  }
}

function withPath(error: unknown, path: string): unknown {
  const system = error as NodeJS.ErrnoException;
  if (systemCode(error) !== undefined && pathIn(system) === undefined) system.path = path;
  return error;
}

function meaningOf(name: string, syscall?: string): Meaning {
  if (name === 'ERR_INVALID_ARG_VALUE') return NUL;
  if (name === 'ENOENT' && syscall === 'mkdir') return NO_FOLDERS;
  if (name === 'EEXIST' && syscall === 'mkdir') return NO_FOLDER;
  const alike = ALIKE[name] ?? name;
  if (alike === 'ERR_STRING_TOO_LONG') return TOO_LARGE;
  if (Object.hasOwn(MEANINGS, alike)) return MEANINGS[alike]!;
  const [, said] = [...getSystemErrorMap().values()].find(([code]) => code === name) ?? [];
  return {
    code: 'E_SYSTEM',
    expected: 'the system to do what was asked of it',
    got: said ?? 'an error',
    todo: `Mend that, then ${AGAIN}.`,
  };
}

/** The path of an error, of either end where it is about two; what Node refuses for a NUL stands in its message alone. */
function pathIn(error: NodeJS.ErrnoException): string | undefined {
  const { path } = error;
  if (typeof path === 'string' && path !== '') return path;
  return error.code === 'ERR_INVALID_ARG_VALUE' ? /Received '(.*)'$/s.exec(error.message)?.[1] : undefined;
}
