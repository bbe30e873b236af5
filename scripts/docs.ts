// `npm run docs`: writes the pages that are generated from the sources; with --check, only names those that would change.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/common/files.js';
import { cliPage } from './docs/cli-page.js';
import { configPage } from './docs/config-page.js';
import { errorsPage } from './docs/errors-page.js';
import { resultsPage } from './docs/results-page.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const pages = new Map([
  ['docs/cli.md', cliPage()],
  ['docs/config.md', configPage()],
  ['docs/errors.md', errorsPage()],
  ...(await resultsPage(ROOT)),
]);
const check = process.argv.includes('--check');
for (const [path, page] of pages) {
  const file = join(ROOT, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === page) continue;
  if (!check) await writeFileAtomic(file, page);
  console.log(path);
  if (check) process.exitCode = 1;
}
