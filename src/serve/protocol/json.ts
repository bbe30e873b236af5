import { shown, wrong } from './wrong.js';

/** An id of a request or a sequence as its client wrote it: text, or a number, which is a bigint where a double would round it. */
export type Id = string | number | bigint;

/** A whole number as the value of an `id` or `sequence_id`. */
const ID = /(?<!\\)"(id|sequence_id)"(\s*:\s*)(-?\d{16,})(?=\s*[,}])/g;
/** What stands before the digits of such a number once it is text; no client's own text starts so. */
const MARK = '\u0000int:';
const MARKED = /^\0int:-?\d{16,}$/;
/** A request's fields lie no deeper. */
const DEPTH = 4;

/**
 * Reads the JSON of a request. Ids of more digits than a double holds keep them all: read as doubles, two cameras would become one.
 *
 * @returns undefined where nothing is there
 * @throws E_SERVE_REQUEST for bytes that are no UTF-8, or no JSON
 */
export function parseRequestJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    // Takes a byte order mark away, too.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    wrong('request', 'JSON in UTF-8', `${bytes.length} bytes that are none`);
  }
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text.replace(ID, (_all, name, colon, digits) => `"${name}"${colon}"\\u0000int:${digits}"`));
  } catch (error) {
    wrong('request', 'JSON', `${bytes.length} bytes that are none (${(error as Error).message.slice(0, 80)})`);
  }
}

/** An id out of what {@link parseRequestJson} gave. @throws E_SERVE_REQUEST for a number that is no whole one, or rounded already */
export function idOf(value: Id | undefined, where: string): Id | undefined {
  if (typeof value === 'string' && MARKED.test(value)) {
    const exact = BigInt(value.slice(MARK.length));
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    wrong(where, 'text, or a whole number in digits', shown(value));
  return value;
}

/** Writes JSON, bigints as numbers. Values that are undefined are left out. */
export function writeJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${writeJson(field)}`).join()}}`;
}

/**
 * The fields of an object without those that are null, which many clients write for what they leave out.
 *
 * @param deep names of fields that are objects, or lists of them, and are treated likewise; tensors' data are left as they are
 */
export function withoutNulls(value: unknown, deep: readonly string[] = [], depth = DEPTH): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => withoutNulls(one, deep, depth - 1));
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(
    fields.map(([name, field]) => [
      name,
      deep.includes(name) ? withoutNulls(field, deep, depth - 1) : (field as unknown),
    ]),
  );
}
