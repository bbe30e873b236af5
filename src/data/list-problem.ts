import { GearnnError } from '../common/errors.js';

/** A problem of a list file, or of a line of it. */
export function problem(where: string, expected: string, got: string, todo: string): GearnnError {
  return new GearnnError('E_DATA_LIST', { where, expected, got, todo });
}
