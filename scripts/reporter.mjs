// Mocha's spec reporter that also leaves its counts, and which tests failed and why, in the file named by GEARNN_TEST_SUMMARY, for
// scripts/test.mjs.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const path = process.env.GEARNN_TEST_SUMMARY;
    if (!path) return;
    runner.once('end', () => {
      const failed = this.failures.map((test) => ({
        title: test.fullTitle(),
        file: test.file,
        message: test.err?.message,
      }));
      writeFileSync(path, JSON.stringify({ ...this.stats, failed }));
    });
  }
}
