// Loaded by mocha in each process that runs tests for another one: errors come over whole, and what each file of tests takes is left in the file
// named by GEARNN_TEST_TIMES, a line of JSON each.
import { appendFileSync } from 'node:fs';

/** Seconds since the process began at which its last file of tests ended: loading counts for the file that is loaded. */
let last = 0;

export const mochaHooks = {
  /** An error comes over as what is enumerable of it: without this, no cause. */
  afterEach() {
    for (let error = this.currentTest.err; error?.cause !== undefined; error = error.cause) {
      if (Object.getOwnPropertyDescriptor(error, 'cause')?.enumerable !== false) break;
      Object.defineProperty(error, 'cause', { enumerable: true });
    }
  },
  afterAll() {
    const [file, now] = [this.test.parent.suites[0]?.file, performance.now() / 1000];
    const path = process.env.GEARNN_TEST_TIMES;
    if (path && file) appendFileSync(path, `${JSON.stringify({ file, seconds: now - last })}\n`);
    last = now;
  },
};
