import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { settle } from '../common/outcome.js';
import { describeSpeed, keptSpeeds } from './auto-precision.js';
import { bf16Support, machineSize } from './cpu.js';
import { type Check, INSTALL, OTHER_HOME } from './doctor-check.js';
import {
  checkCompiler,
  checkDisk,
  checkMachine,
  checkNode,
  checkPlatform,
  checkProcessor,
  checkPython,
} from './doctor-machine.js';
import { type InstalledEngine, listEngines } from './install/check.js';
import { isCurrent, OUTDATED } from './install/current.js';
import { gearnnHome } from './install/home.js';
import { megabytes } from './install/space.js';
import { TENSORFLOW_VERSION } from './install/target.js';
import { gpuName } from './machine.js';
import { probeEngine } from './probe.js';
import { type EngineName } from './start.js';

export type { Check } from './doctor-check.js';

export interface Diagnosis {
  /** The cache folder that was looked at. */
  home: string;
  checks: Check[];
  /** The engines that start and compute right, best first. */
  engines: { name: EngineName; version: string }[];
}

export interface DiagnoseOptions {
  /** The cache folder, `gearnnHome()` by default. */
  home?: string;
}

/** Looks at everything that an engine needs, and tries TensorFlow and wasm; takes a few seconds. */
export async function diagnose({ home = gearnnHome() }: DiagnoseOptions = {}): Promise<Diagnosis> {
  const [tensorflow, wasm, installs] = await Promise.all([
    tryEngine('tensorflow', home),
    tryEngine('wasm', home),
    checkInstalls(home),
  ]);
  const works = tensorflow.version !== undefined;
  const checks = [
    checkNode(),
    checkPlatform(),
    checkProcessor(),
    checkMachine(),
    ...(await checkPython(works)),
    await checkCompiler(works),
    await checkDisk(home, works),
    checkPackage(),
    ...installs,
    tensorflow.check,
    checkWasmFiles(),
    wasm.check,
  ];
  const tried = [
    { name: 'tensorflow' as const, version: tensorflow.version },
    { name: 'wasm' as const, version: wasm.version },
  ];
  return {
    home,
    checks,
    engines: tried.flatMap(({ name, version }) => (version === undefined ? [] : [{ name, version }])),
  };
}

async function tryEngine(name: 'tensorflow' | 'wasm', home: string): Promise<{ check: Check; version?: string }> {
  const reply = await probeEngine(name, { env: { ...process.env, GEARNN_HOME: home } });
  if (reply.works)
    return {
      check: { name, status: 'ok', found: `${reply.version} starts and computes right` },
      version: reply.version,
    };
  const remedy = name === 'wasm' ? 'npm install' : await remedyIn(home);
  return { check: { name, status: 'missing', found: reply.reason, remedy } };
}

async function remedyIn(home: string): Promise<string> {
  const engines = await settle(() => listEngines(home));
  if (engines instanceof Error) return `${OTHER_HOME} && ${INSTALL}`;
  return engines.length > 0 ? `${INSTALL} --force` : INSTALL;
}

async function checkInstalls(home: string): Promise<Check[]> {
  const engines = await settle(() => listEngines(home));
  if (engines instanceof Error)
    return [{ name: 'cache', status: 'missing', found: engines.message, remedy: OTHER_HOME }];
  if (engines.length === 0) return [{ name: 'installed', status: 'note', found: `nothing in ${home}` }];
  return (await Promise.all(engines.map(async (engine) => [await checkInstall(engine), ...(await checkBf16(engine))]))).flat(); // prettier-ignore
}

/** What `--precision auto` goes by on this machine. */
async function checkBf16({ folder }: InstalledEngine): Promise<Check[]> {
  const speeds = await keptSpeeds(folder);
  const here = speeds.filter(({ device }) => [machineSize().processor, gpuName()].includes(device));
  if (here.length === 0 && bf16Support().supported)
    return [{ name: 'bf16', status: 'note', found: 'not measured yet; --precision auto does, in a second' }];
  return here.map(({ threads, ...speed }) => ({
    name: 'bf16',
    status: 'ok' as const,
    found: `--precision auto with ${threads} threads: ${describeSpeed(speed)}`,
  }));
}

async function checkInstall(engine: InstalledEngine): Promise<Check> {
  const { name, size, problems, manifest } = engine;
  if (problems.length > 0)
    return {
      name: 'installed',
      status: 'missing',
      found: `${name} is damaged: ${problems[0]}`,
      remedy: `gearnn engine remove ${name}`,
    };
  const found = `${name}, ${megabytes(size)} MB`;
  if (await isCurrent(engine)) return { name: 'installed', status: 'ok', found };
  const remedy = [INSTALL, ...(manifest?.gpu ? ['--gpu'] : []), ...versionFlag(manifest?.tensorflow)].join(' ');
  return { name: 'installed', status: 'note', found: `${found}, ${OUTDATED}`, remedy };
}

function versionFlag(version?: string): string[] {
  return version === undefined || version === TENSORFLOW_VERSION ? [] : ['--tensorflow', version];
}

function checkPackage(): Check {
  const name = 'tfjs-node-gpu';
  try {
    const { version } = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/package.json') as { version: string };
    return { name, status: 'ok', found: `${version} in node_modules` };
  } catch {
    return { name, status: 'note', found: `not in node_modules; ${INSTALL} fetches its own copy` };
  }
}

function checkWasmFiles(): Check {
  const name = 'wasm files';
  try {
    const folder = join(
      dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json')),
      'dist',
    );
    const files = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'];
    const lacking = files.filter((file) => !existsSync(join(folder, file)));
    if (lacking.length === 0) return { name, status: 'ok', found: `all ${files.length} in node_modules` };
    return { name, status: 'missing', found: `no ${lacking.join(', ')}`, remedy: 'npm install' };
  } catch {
    return {
      name,
      status: 'missing',
      found: 'no @tensorflow/tfjs-backend-wasm in node_modules',
      remedy: 'npm install',
    };
  }
}
