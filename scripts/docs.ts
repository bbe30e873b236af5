// `npm run docs`: writes the pages that are generated from the sources. Tests compare the same pages.
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/common/files.js';
import { cliPage } from './docs/cli-page.js';
import { configPage } from './docs/config-page.js';
import { errorsPage } from './docs/errors-page.js';

const PAGES = { 'docs/cli.md': cliPage, 'docs/config.md': configPage, 'docs/errors.md': errorsPage };

for (const [path, page] of Object.entries(PAGES)) {
  await writeFileAtomic(fileURLToPath(new URL(`../${path}`, import.meta.url)), page());
  console.log(path);
}
