import { expect } from 'chai';
import type { ErrorCode } from '../../src/common/errors.js';

/** Expects a promise to fail with a code, and its message to hold each of the texts. */
export async function expectFailure(promise: Promise<unknown>, code: ErrorCode, ...texts: string[]): Promise<void> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason as Error & { code?: string },
  );
  expect((error as { code?: string }).code, error.message).to.equal(code);
  for (const text of texts) expect(error.message).to.contain(text);
}
