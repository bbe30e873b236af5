import { GearnnError, type ErrorCode, type ErrorParts } from './errors.js';

/** An error as it travels between threads: the structured clone of an Error loses its class and its fields. */
export type WireError =
  | { kind: 'gearnn'; code: ErrorCode; parts: Omit<ErrorParts, 'cause'>; cause?: string }
  | { kind: 'system'; message: string; code: string; errno?: number; path?: string }
  | { kind: 'other'; message: string; stack?: string };

export function packError(error: unknown): WireError {
  if (error instanceof GearnnError) {
    const { cause, ...parts } = error.parts;
    return { kind: 'gearnn', code: error.code, parts, cause: cause === undefined ? undefined : textOf(cause) };
  }
  if (!(error instanceof Error)) return { kind: 'other', message: String(error) };
  const { message, stack, code, errno, path } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? { kind: 'system', message, code, errno, path } : { kind: 'other', message, stack };
}

/** The same error in this thread: code, parts and message kept, the cause as an Error of the same text. */
export function unpackError(error: WireError): Error {
  switch (error.kind) {
    case 'gearnn': {
      const cause = error.cause === undefined ? {} : { cause: new Error(error.cause) };
      return new GearnnError(error.code, { ...error.parts, ...cause });
    }
    case 'system':
      return Object.assign(new Error(error.message), { code: error.code, errno: error.errno, path: error.path });
    case 'other':
      return Object.assign(new Error(error.message), error.stack === undefined ? {} : { stack: error.stack });
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
