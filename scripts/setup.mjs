// Everything that a fresh clone needs before `npx gearnn` works: dependencies, build, engine. What is done already is
// skipped in well under a second, so `npm run demo` and `npm test` call this first, every time.
// Only Node's own modules may be imported here: it runs before the first `npm ci`.
//
//   node scripts/setup.mjs [--quiet] [--no-engine]
//   --quiet       say nothing where nothing has to be done
//   --no-engine   leave TensorFlow out; the wasm engine needs no installation
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SOURCES, build, filesOf } from './build.mjs';

const quiet = process.argv.includes('--quiet');
const withEngine = !process.argv.includes('--no-engine');
const STAMP = join(ROOT, 'node_modules/.gearnn-setup.json');
const CLI = join(ROOT, 'dist/cli/main.js');
/** What npm leaves out where NODE_ENV is production, and nothing is built without. */
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc');

checkNode();
setUpDependencies();
setUpBuild();
if (withEngine) setUpEngine();
if (!quiet) say('Set up. Next: npm run demo, or npx gearnn --help');

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 10)) return;
  stop(
    `expected Node.js 20.10 or newer, got ${process.versions.node}. Install it from https://nodejs.org and run again.`,
  );
}

function setUpDependencies() {
  const lock = read('package-lock.json');
  const wanted = hash([lock, read('package.json'), process.platform, process.arch]);
  if (stamp().dependencies === wanted && existsSync(COMPILER)) return;
  const packages = JSON.parse(lock);
  if (!installedAsLocked(packages)) installDependencies();
  // What npm left out in spite of its success, the next set-up asks for again.
  if (installedAsLocked(packages)) setStamp({ dependencies: wanted });
}

function installDependencies() {
  const command = existsSync(join(ROOT, 'node_modules')) ? 'install' : 'ci';
  say(`Installing dependencies (npm ${command}) ...`);
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error'];
  const result = npm(command, '--include=dev', '--ignore-scripts', ...quietly);
  if (result.status !== 0) stop(explainNpm(result));
}

/** Whether node_modules holds what package-lock.json names, by the list that npm keeps inside node_modules. */
function installedAsLocked(lock) {
  const list = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(list) || !existsSync(COMPILER)) return false;
  const installed = JSON.parse(readFileSync(list, 'utf8')).packages;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    // Optional packages are for other platforms mostly; npm leaves those out.
    return found ? found.version === wanted.version : wanted.optional === true || wanted.devOptional === true;
  });
}

function npm(...parameters) {
  const script = process.env.npm_execpath;
  // npm itself where npm runs this script: `npm` on the PATH may be another one, or none.
  return script && /npm-cli\.c?js$/.test(script)
    ? spawnSync(process.execPath, [script, ...parameters], { cwd: ROOT, encoding: 'utf8' })
    : spawnSync('npm', parameters, { cwd: ROOT, encoding: 'utf8' });
}

function explainNpm({ stdout, stderr, error }) {
  if (error) return `expected npm, got ${error.code ?? error.message}. Install npm 9 or newer and run again.`;
  const output = `${stdout}${stderr}`;
  const network = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.exec(output);
  if (network) {
    return `expected npm's registry within reach, got ${network[0]}. Connect to the network, or set npm's registry or proxy, and run again.`;
  }
  if (/ENOSPC/.test(output)) return 'expected free disk space, got a full disk. Free about 1 GB and run again.';
  return `expected npm to install the dependencies, got:\n${output.trim().split('\n').slice(-20).join('\n')}`;
}

function setUpBuild() {
  const files = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...SOURCES.flatMap(filesOf)];
  const wanted = hash(files.flatMap((file) => [file, read(file)]));
  if (stamp().build === wanted && existsSync(CLI)) return;
  say('Building ...');
  const messages = build();
  if (messages) stop(`expected the sources to compile, got:\n${messages.trimEnd()}`);
  setStamp({ build: wanted });
}

function setUpEngine() {
  const state = gearnn('engine', 'list', '--json');
  const installs = state.status === 0 ? wholeInstalls(JSON.parse(state.stdout)) : [];
  if (installs.length > 0) return renewEngines(installs.filter(({ current }) => !current));
  const failed = stamp().engineFailed;
  // A second attempt costs pip's time-outs where there is no network: only `npm run setup` itself tries again.
  if (failed && quiet) return say(`${failed} Using wasm; \`npm run setup\` tries again.`);
  say('Installing the TensorFlow engine (once, shared by all checkouts) ...');
  const result = gearnnShown('engine', 'install');
  if (result.status === 0) return setStamp({ engineFailed: undefined });
  const reason = 'The TensorFlow engine could not be installed.';
  setStamp({ engineFailed: reason });
  say(`${reason} Everything runs on wasm meanwhile, more slowly. \`npx gearnn doctor\` says what is missing.`);
}

/** Engines that another version of gearnn built run, and take more memory: what cannot be built anew is kept as it is. */
function renewEngines(outdated) {
  for (const { name, gpu, version } of outdated) {
    if (stamp().renewalFailed === name && quiet) continue;
    say(`Building the engine ${name} anew: another version of gearnn built it ...`);
    const parameters = ['engine', 'install', ...(gpu ? ['--gpu'] : []), '--tensorflow', version];
    const failed = gearnnShown(...parameters).status !== 0;
    setStamp({ renewalFailed: failed ? name : undefined });
    if (failed) say(`${name} stays as it was: it runs, and takes more memory. \`npm run setup\` tries again.`);
  }
}

function wholeInstalls(list) {
  const { installs } = list.engines.find((engine) => engine.name === 'tensorflow');
  return installs.filter(({ state }) => state === 'ok');
}

function gearnn(...parameters) {
  return spawnSync(process.execPath, [CLI, ...parameters], { cwd: ROOT, encoding: 'utf8' });
}

function gearnnShown(...parameters) {
  return spawnSync(process.execPath, [CLI, ...parameters], { cwd: ROOT, stdio: 'inherit' });
}

function stamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

function setStamp(changes) {
  mkdirSync(join(ROOT, 'node_modules'), { recursive: true });
  writeFileSync(STAMP, `${JSON.stringify({ ...stamp(), ...changes }, null, 2)}\n`);
}

function read(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}

function hash(parts) {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(`${part.length}:${part}`);
  return sum.digest('hex');
}

function say(text) {
  console.error(text);
}

function stop(text) {
  console.error(`setup: ${text}`);
  process.exit(1);
}
