import { expect } from 'chai';
import type { ErrorCode, GearnnError } from '../../../../src/common/errors.js';

/** The message of the error that a call has to throw with a code. */
export function refusal(run: () => unknown, code: ErrorCode): string {
  let error: Error = new Error('it was not refused');
  try {
    run();
  } catch (thrown) {
    error = thrown as GearnnError;
  }
  expect((error as GearnnError).code, error.stack).to.equal(code);
  return error.message;
}
