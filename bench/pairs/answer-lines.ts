import { createInterface } from 'node:readline';

/**
 * Answers each line on stdin by a pass, as bench/peers/answering.py does in Python: `{ready}` first, `{seconds}` for each line, and at the
 * end `{difference}` of the last answer.
 */
export async function answerLines(version: string, run: () => void, difference: () => number | null): Promise<void> {
  const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  say({ ready: version });
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  while (!(await lines.next()).done) {
    const start = performance.now();
    run();
    say({ seconds: (performance.now() - start) / 1000 });
  }
  say({ difference: difference() });
}
