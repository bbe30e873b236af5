import { type GearnnError } from '../common/errors.js';
import { bf16Support, machineSize } from './cpu.js';
import { type Check, INSTALL, OTHER_HOME } from './doctor-check.js';
import { findCompiler } from './install/compile.js';
import { findPython, OLDEST_PIP, type Python } from './install/python.js';
import { pipRemedy } from './install/pip-remedy.js';
import { remedyFor } from './install/remedy.js';
import { freeSpace } from './install/space.js';
import { olderThan, targetOf, thisMachine } from './install/target.js';

const GB = 1e9;

export function checkNode(): Check {
  return { name: 'node', status: 'ok', found: process.versions.node };
}

export function checkPlatform(): Check {
  const { platform, arch, glibc } = thisMachine();
  const name = `${platform}-${arch}${glibc ? `, glibc ${glibc}` : ''}`;
  try {
    targetOf(false);
    return { name: 'platform', status: 'ok', found: name };
  } catch (error) {
    return { name: 'platform', status: 'note', found: `${name}: ${(error as GearnnError).message}` };
  }
}

export function checkProcessor(): Check {
  const { instructions, supported } = bf16Support();
  // oneDNN's bf16 convolutions by avx512_bf16 alone are slower than its fp32 ones (measured in docs/engine.md).
  const slower = instructions[0] === 'avx512_bf16' ? ', where fp32 can be faster: --precision auto measures' : '';
  const found = supported
    ? `${machineSize().processor}; --precision bf16 runs on ${instructions.join(' and ')}${slower}`
    : `${machineSize().processor}; no bf16 instructions, so --precision bf16 is refused`;
  return { name: 'processor', status: supported ? 'ok' : 'note', found };
}

export function checkMachine(): Check {
  const { threads, memory } = machineSize();
  return { name: 'machine', status: 'ok', found: `${threads} threads, ${(memory / GB).toFixed(1)} GB of memory` };
}

export async function checkPython(works: boolean): Promise<Check[]> {
  const python = await findPython();
  const absent = works ? ('note' as const) : ('missing' as const);
  if (python === null)
    return [
      { name: 'python', status: absent, found: `none on the PATH; ${INSTALL} needs it`, remedy: remedyFor('python') },
    ];
  return [
    { name: 'python', status: 'ok', found: `${python.command} ${python.version}` },
    await checkPip(python, absent),
  ];
}

async function checkPip({ command, pip }: Python, absent: 'note' | 'missing'): Promise<Check> {
  if (pip === '')
    return {
      name: 'pip',
      status: absent,
      found: `none in ${command}; ${INSTALL} needs it`,
      remedy: await pipRemedy(command),
    };
  if (olderThan(pip, OLDEST_PIP))
    return {
      name: 'pip',
      status: absent,
      found: `${pip}; ${INSTALL} needs ${OLDEST_PIP} or newer`,
      remedy: `${command} -m pip install -U pip`,
    };
  return { name: 'pip', status: 'ok', found: pip };
}

export async function checkCompiler(works: boolean): Promise<Check> {
  const compiler = await findCompiler();
  if (compiler !== null) return { name: 'compiler', status: 'ok', found: `${compiler.command}: ${compiler.version}` };
  const found = `no g++, c++ or clang++ on the PATH; ${INSTALL} needs one`;
  return { name: 'compiler', status: works ? 'note' : 'missing', found, remedy: remedyFor('compiler') };
}

export async function checkDisk(home: string, works: boolean): Promise<Check> {
  const free = await freeSpace(home);
  const needed = 1.6 * GB;
  const found = `${(free / GB).toFixed(1)} GB free for ${home}`;
  if (works || free >= needed) return { name: 'disk', status: 'ok', found };
  return {
    name: 'disk',
    status: 'missing',
    found: `${found}; ${INSTALL} needs ${(needed / GB).toFixed(1)} GB`,
    remedy: OTHER_HOME,
  };
}
