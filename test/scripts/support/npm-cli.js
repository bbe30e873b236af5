// Stands for npm in a test of the set-up: lays out node_modules as npm does, of which only the compiler can be run. It leaves out what is
// for development where NODE_ENV is production and `--include=dev` is not given, and the package that LEFT_OUT names.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const parameters = process.argv.slice(2);
const development = process.env.NODE_ENV !== 'production' || parameters.includes('--include=dev');
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const installed = Object.entries(packages).filter(
  ([path, { dev }]) => path !== '' && (development || !dev) && path !== `node_modules/${process.env.LEFT_OUT}`,
);
appendFileSync('npm.log', `${parameters[0]}\n`);
mkdirSync('node_modules', { recursive: true });
writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: Object.fromEntries(installed) }));
if (development) {
  mkdirSync('node_modules/typescript/bin', { recursive: true });
  writeFileSync(
    'node_modules/typescript/bin/tsc',
    `const { mkdirSync, writeFileSync } = require('node:fs');
const out = process.argv[process.argv.indexOf('--outDir') + 1];
mkdirSync(out + '/cli', { recursive: true });
writeFileSync(out + '/cli/main.js', '');
`,
  );
}
