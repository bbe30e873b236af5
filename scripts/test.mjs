// `npm test`: set-up, types, every test, then lint and format; the counts come last. The tests run as the compiler writes
// them into dist-test/, several files at a time: a process or thread of theirs starts in half the time that tsx takes.
// `npm test -- test/select` runs the tests of one folder or file by tsx, one after the other, and leaves the checks out.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT, SOURCES, filesOf } from './build.mjs';

/** Where the compiler puts the tests; its list of what is up to date is in there too. */
const COMPILED = 'dist-test';
/**
 * Files of tests that run at a time: one more than there are processors, as many wait for a server or a browser. Each takes up to 2 GB, and a test
 * that waits for something has minutes, not hours.
 */
const JOBS = Math.min(4, availableParallelism() + 1);
/** Files of tests whose times are shown at the end. */
const SLOWEST = 20;
/** Checks after the tests: what it is called, and the program of a package with its parameters. */
const CHECKS = [
  ['types of the page', 'typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.page.json'],
  ['lint', 'eslint/bin/eslint.js', '.'],
  ['format', 'prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
];

checkNode();
const folder = mkdtempSync(join(tmpdir(), 'gearnn-test-'));
const summary = join(folder, 'summary.json');
const times = join(folder, 'times.jsonl');
const only = process.argv.slice(2);
if (node('scripts/setup.mjs', '--quiet').status !== 0) {
  rmSync(folder, { recursive: true });
  process.exit(1);
}

const checks = only.length > 0 ? [] : [check(['types', 'typescript/bin/tsc', '-p', 'tsconfig.test.json'])];
const mocha = only.length > 0 ? runMocha(...only.map(testFiles)) : runMocha(...compiledTests());
if (only.length === 0) checks.push(...CHECKS.map(check));
report();

/** The linters need a newer Node than gearnn itself. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)) return;
  console.error(
    `npm test: expected Node.js 20.19, 22.13 or newer, got ${process.versions.node}. gearnn itself runs from 20.10 on; its test tools do not.`,
  );
  process.exit(1);
}

function testFiles(path) {
  return existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isDirectory() ? `${path}/**/*.test.ts` : path;
}

/** Parameters of mocha that run every test as it was compiled: types that are wrong do not keep the compiler from writing. */
function compiledTests() {
  const sources = [...SOURCES, 'scripts', 'test'].flatMap(filesOf);
  for (const path of sources) if (!/\.c?ts$/.test(path)) cpSync(join(ROOT, path), join(ROOT, COMPILED, path));
  const tests = sources.filter((path) => path.endsWith('.test.ts'));
  const { timeout, slow } = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8'));
  // The file of settings is for tsx.
  const settings = ['--no-config', '--timeout', timeout, '--slow', slow, '--forbid-only'];
  settings.push('--parallel', '--jobs', JOBS, '--require', 'scripts/worker-hooks.mjs');
  return [...settings.map(String), ...tests.map((path) => join(COMPILED, path.replace(/\.ts$/, '.js')))];
}

function runMocha(...parameters) {
  return node('node_modules/mocha/bin/mocha.js', '--reporter', 'scripts/reporter.mjs', ...parameters);
}

function check([name, program, ...parameters]) {
  const passed = node(`node_modules/${program}`, ...parameters).status === 0;
  return { name, passed };
}

function node(script, ...parameters) {
  // Failures name lines of the sources, not of what was compiled from them.
  return spawnSync(process.execPath, ['--enable-source-maps', join(ROOT, script), ...parameters], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, GEARNN_TEST_SUMMARY: summary, GEARNN_TEST_TIMES: times },
  });
}

function report() {
  const counts = existsSync(summary) ? JSON.parse(readFileSync(summary, 'utf8')) : undefined;
  const slowest = slowestFiles();
  rmSync(folder, { recursive: true });
  const crashed = !counts || (mocha.status !== 0 && counts.failures === 0);
  const failed = (counts?.failures ?? 0) + (crashed ? 1 : 0) + checks.filter(({ passed }) => !passed).length;
  const passed = (counts?.passes ?? 0) + checks.filter(({ passed }) => passed).length;
  console.log('');
  if (crashed) console.log('  mocha stopped before its end');
  // Again at the end, where a log that was cut still has them.
  for (const { title, file, message } of counts?.failed ?? []) {
    console.log(`  failed: ${title}${file ? ` (${relative(ROOT, file)})` : ''}: ${firstLines(message)}`);
  }
  if (slowest) console.log(`  slowest files: ${slowest}`);
  for (const { name, passed } of checks) console.log(`  ${name}: ${passed ? 'passed' : 'failed'}`);
  console.log(`  ${passed} passing`);
  if (counts?.pending) console.log(`  ${counts.pending} pending`);
  console.log(`  ${failed} failing`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** Files of tests that took longest, loading included: `test/a.test.ts 40 s, ...`. */
function slowestFiles() {
  if (!existsSync(times)) return '';
  const lines = readFileSync(times, 'utf8').trim().split('\n');
  const files = lines.map((line) => JSON.parse(line)).sort((a, b) => b.seconds - a.seconds);
  const shown = files.slice(0, SLOWEST);
  return shown
    .map(({ file, seconds }) => `${relative(join(ROOT, COMPILED), file)} ${Math.round(seconds)} s`)
    .join(', ');
}

function firstLines(message = 'no message') {
  const lines = message.split('\n').slice(0, 4).join(' | ');
  return lines.length > 400 ? `${lines.slice(0, 400)}...` : lines;
}
