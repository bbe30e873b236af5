import { z } from 'zod';
import { contentOf } from './content.js';
import { type ErrorCode, GearnnError, fail } from './errors.js';
import { readText } from './text-file.js';
import { KeyTwiceError, parseJson } from './parse-json.js';

/** What to say when a JSON file cannot be used. */
export interface JsonFileErrors {
  code: ErrorCode;
  /** What the file should be: `a split file of gearnn`. */
  expected: string;
  /** What the reader can do, as a full sentence. */
  todo: string;
}

/**
 * Reads a JSON file and checks it against a schema.
 *
 * @throws `errors.code` if it is missing, not JSON, or against the schema; then with the path of the first field that is wrong
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>, errors: JsonFileErrors): Promise<T> {
  let text: string;
  try {
    text = await readText(path);
  } catch (cause) {
    if (cause instanceof GearnnError)
      fail(errors.code, { ...cause.parts, expected: `${errors.expected}, in UTF-8`, cause });
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) throw cause;
    const got = code === 'EISDIR' ? 'a folder' : 'no such file';
    fail(errors.code, { where: path, expected: errors.expected, got, todo: errors.todo, cause });
  }
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const other = contentOf(Buffer.from(text));
    const isTwice = cause instanceof KeyTwiceError;
    fail(errors.code, {
      where: path,
      expected: `${errors.expected}, in JSON`,
      got:
        other?.name ??
        (isTwice ? `an object in which ${cause.message}` : `text that is not JSON (${(cause as Error).message})`),
      todo: other?.todo ?? (isTwice ? 'Remove one of the two.' : errors.todo),
      cause,
    });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  fail(errors.code, {
    where: issue.path.length === 0 ? path : `${path}: ${fieldPath(issue.path)}`,
    expected: errors.expected,
    got: `a value against its schema (${issue.message})`,
    todo: errors.todo,
    cause: result.error,
  });
}

/** `items[3].size` */
function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
    '',
  );
}
