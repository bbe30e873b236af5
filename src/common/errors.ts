/**
 * Every error that gearnn raises on purpose, by its stable code. docs/errors.md lists the same codes; a test holds both together.
 */
export const ERROR_CODES = {
  E_USAGE: 'A command or call was given an option it cannot use.',
  E_SHAPE: 'A tensor or array has a shape that the operation cannot take.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The codes that mean a wrong call, one that can never succeed as it is written; the CLI exits with 2 on these and with 1 on the rest. */
export const USAGE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_USAGE']);

/** What went wrong: `where: expected EXPECTED, got GOT. TODO.` */
export interface ErrorParts {
  /** The place: an option, a file, a field path such as `distort.level`. */
  where: string;
  /** What would have been right. */
  expected: string;
  /** What came instead. */
  got: string;
  /** What the reader can do about it, as a full sentence. */
  todo?: string;
  cause?: unknown;
}

/** An error with a stable code, meant to be read by the person who can mend it. */
export class GearnnError extends Error {
  override readonly name = 'GearnnError';
  constructor(
    readonly code: ErrorCode,
    readonly parts: ErrorParts,
  ) {
    super(
      `${parts.where}: expected ${parts.expected}, got ${parts.got}.${parts.todo ? ` ${parts.todo}` : ''}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
  }
}

/** Throws a {@link GearnnError}; typed `never` so that it also narrows. */
export function fail(code: ErrorCode, parts: ErrorParts): never {
  throw new GearnnError(code, parts);
}
