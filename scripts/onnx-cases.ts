// `npx tsx scripts/onnx-cases.ts`: runs ONNX's own tests of operations on every engine and writes what it finds into docs/onnx.md.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/common/files.js';
import { startEngine, type EngineName } from '../src/engine/index.js';
import { opNames } from '../src/models/onnx/ops/registry.js';
import { missingOps } from '../src/models/onnx/check.js';
import { backendCases, dataFolder, failureOf, isCore, isExotic } from '../test/models/onnx/support/cases.js';
import { FAILING } from '../test/models/onnx/support/known-failures.js';

const ENGINES: readonly EngineName[] = ['tensorflow', 'wasm', 'cpu'];
const PAGE = fileURLToPath(new URL('../docs/onnx.md', import.meta.url));
const BEGIN = '<!-- written by scripts/onnx-cases.ts -->';
const END = '<!-- end -->';

const tools = fileURLToPath(new URL('test-tools.sh', import.meta.url));
const python = process.env['GEARNN_PYTHON'] ?? execFileSync(tools, { encoding: 'utf8' }).trim();
const numeric = backendCases(dataFolder(python)).filter((one) => !isExotic(one));
const core = numeric.filter(isCore);

const rows: string[] = [];
for (const engine of ENGINES) {
  await startEngine({ engine });
  let passed = 0;
  for (const one of core) if ((await failureOf(one)) === undefined) passed++;
  rows.push(`| ${engine} | ${passed} of ${core.length} | ${passed} of ${numeric.length} |`);
}

const lacking = new Map<string, number>();
for (const { model } of numeric)
  for (const op of new Set(missingOps(model!.graph.nodes).map((missing) => missing.op)))
    lacking.set(op, (lacking.get(op) ?? 0) + 1);
const byCount = [...lacking].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));

const part = [
  BEGIN,
  '',
  '| engine | of the tests whose operations gearnn has | of all tests of numbers |',
  '| --- | --- | --- |',
  ...rows,
  '',
  'Those that do not pass:',
  '',
  '| test | why |',
  '| --- | --- |',
  ...Object.entries(FAILING).map(([name, { reason }]) => `| \`${name}\` | ${reason} |`),
  '',
  `The ${opNames().length} operations: ${opNames().join(', ')}.`,
  '',
  `Not there, with the number of tests that need them: ${byCount.map(([op, count]) => `${op} ${count}`).join(', ')}.`,
  '',
  END,
].join('\n');
const page = readFileSync(PAGE, 'utf8');
await writeFileAtomic(PAGE, page.slice(0, page.indexOf(BEGIN)) + part + page.slice(page.indexOf(END) + END.length));
execFileSync(process.execPath, [
  join(fileURLToPath(new URL('..', import.meta.url)), 'node_modules/prettier/bin/prettier.cjs'),
  '--write',
  PAGE,
]);
console.log(part);
