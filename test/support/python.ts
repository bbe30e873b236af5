import { spawnSync } from 'node:child_process';

const python = process.env['GEARNN_PYTHON'] ?? 'python3';

/**
 * Runs a Python script, with the interpreter of `GEARNN_PYTHON` or `python3`; skips the running test, and says why in its
 * title, where the modules that it needs cannot be imported.
 *
 * @returns what it printed
 */
export function runPython(test: Mocha.Context, modules: string[], script: string, ...args: string[]): string {
  const missing = modules.filter((name) => spawnSync(python, ['-c', `import ${name}`]).status !== 0);
  if (missing.length > 0) {
    const runnable = test.test!;
    runnable.title += ` [skipped: ${python} has no ${missing.join(', ')}; GEARNN_PYTHON names another]`;
    test.skip();
  }
  const run = spawnSync(python, ['-c', script, ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${python} failed: ${run.stderr}`);
  return run.stdout;
}
