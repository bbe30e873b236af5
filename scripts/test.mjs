// `npm test`: set-up, every test, then types, lint and format; the counts come last.
// `npm test -- test/select` runs the tests of one folder or file and leaves the other checks out.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './build.mjs';

/** Checks after the tests: what it is called, and the program of a package with its parameters. */
const CHECKS = [
  ['types', 'typescript/bin/tsc', '--noEmit', '-p', '.'],
  ['types of the page', 'typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.page.json'],
  ['lint', 'eslint/bin/eslint.js', '.'],
  ['format', 'prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
];

checkNode();
const folder = mkdtempSync(join(tmpdir(), 'gearnn-test-'));
const summary = join(folder, 'summary.json');
const only = process.argv.slice(2);
if (node('scripts/setup.mjs', '--quiet').status !== 0) {
  rmSync(folder, { recursive: true });
  process.exit(1);
}

const globs = only.length > 0 ? only.map(testFiles) : ['test/**/*.test.ts'];
const mocha = node('node_modules/mocha/bin/mocha.js', '--reporter', 'scripts/reporter.mjs', ...globs);
const checks = only.length > 0 ? [] : CHECKS.map(check);
report();

/** The linters need a newer Node than gearnn itself. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)) return;
  console.error(
    `npm test: expected Node.js 20.19, 22.13 or newer, got ${process.versions.node}. gearnn itself runs from 20.9 on; its test tools do not.`,
  );
  process.exit(1);
}

function testFiles(path) {
  return existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isDirectory() ? `${path}/**/*.test.ts` : path;
}

function check([name, program, ...parameters]) {
  const passed = node(`node_modules/${program}`, ...parameters).status === 0;
  return { name, passed };
}

function node(script, ...parameters) {
  return spawnSync(process.execPath, [join(ROOT, script), ...parameters], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, GEARNN_TEST_SUMMARY: summary },
  });
}

function report() {
  const counts = existsSync(summary) ? JSON.parse(readFileSync(summary, 'utf8')) : undefined;
  rmSync(folder, { recursive: true });
  const crashed = !counts || (mocha.status !== 0 && counts.failures === 0);
  const failed = (counts?.failures ?? 0) + (crashed ? 1 : 0) + checks.filter(({ passed }) => !passed).length;
  const passed = (counts?.passes ?? 0) + checks.filter(({ passed }) => passed).length;
  console.log('');
  if (crashed) console.log('  mocha stopped before its end');
  for (const { name, passed } of checks) console.log(`  ${name}: ${passed ? 'passed' : 'failed'}`);
  console.log(`  ${passed} passing`);
  if (counts?.pending) console.log(`  ${counts.pending} pending`);
  console.log(`  ${failed} failing`);
  process.exitCode = failed > 0 ? 1 : 0;
}
