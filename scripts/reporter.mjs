// Mocha's spec reporter that also leaves its counts in the file named by GEARNN_TEST_SUMMARY, for scripts/test.mjs.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const path = process.env.GEARNN_TEST_SUMMARY;
    if (path) runner.once('end', () => writeFileSync(path, JSON.stringify(this.stats)));
  }
}
