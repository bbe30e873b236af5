import { fail } from '../../common/errors.js';

/** Throws E_SERVE_REQUEST for a field of a request. */
export function wrong(where: string, expected: string, got: string, todo?: string): never {
  fail('E_SERVE_REQUEST', { where, expected, got, todo });
}

/** A value as an error message shows it: short, whatever it is. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = (JSON.stringify(value) as string | undefined) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
