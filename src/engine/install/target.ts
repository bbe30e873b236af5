import { fail } from '../../common/errors.js';

/** The TensorFlow release that gearnn is tested on. */
export const TENSORFLOW_VERSION = '2.21.0';

/** What is fetched and built for one kind of machine. */
export interface Target {
  /** `linux-x64`, `linux-arm64` or `darwin-arm64`: Node's names. */
  platform: string;
  gpu: boolean;
  /** The package on PyPI whose wheel holds the libraries. */
  project: string;
  /** pip's platform tags, best first; older releases carry older tags. */
  tags: string[];
  /** File names of TensorFlow's libraries inside the wheel's `tensorflow/` folder. */
  libraries: string[];
  /** Bytes, roughly: of TensorFlow's wheel and NVIDIA's, free on the disk to install (wheels and libraries at once). */
  space: { wheel: number; cuda: number; during: number };
}

const GB = 1e9;

/**
 * What to install on a machine.
 *
 * @param machine Node's `process.platform` and `process.arch`, and the C library's version: empty on musl, undefined where unknown
 * @throws E_ENGINE_PLATFORM where no wheel with a usable library exists
 */
export function targetOf(gpu: boolean, machine: Machine = thisMachine()): Target {
  const platform = `${machine.platform}-${machine.arch}`;
  const wasm = 'Use --engine wasm on this machine.';
  if (machine.platform === 'linux' && machine.glibc === '')
    fail('E_ENGINE_PLATFORM', {
      where: 'engine install',
      expected: 'a Linux with glibc 2.27 or newer',
      got: 'musl',
      todo: wasm,
    });
  if (machine.platform === 'linux' && machine.glibc !== undefined && olderThan(machine.glibc, '2.27'))
    fail('E_ENGINE_PLATFORM', {
      where: 'engine install',
      expected: 'glibc 2.27 or newer',
      got: `glibc ${machine.glibc}`,
      todo: wasm,
    });
  if (gpu && platform !== 'linux-x64')
    fail('E_ENGINE_PLATFORM', {
      where: 'engine install --gpu',
      expected: 'linux-x64, the only platform with a CUDA wheel',
      got: platform,
      todo: 'Run gearnn engine install without --gpu.',
    });
  const space = gpu
    ? { wheel: 0.573 * GB, cuda: 2.81 * GB, during: 10 * GB }
    : { wheel: 0.274 * GB, cuda: 0, during: 1.6 * GB };
  const base = { platform, gpu, space };
  switch (platform) {
    case 'linux-x64':
      return {
        ...base,
        project: gpu ? 'tensorflow' : 'tensorflow-cpu',
        tags: manylinux('x86_64'),
        libraries: SHARED_OBJECTS,
      };
    case 'linux-arm64':
      return { ...base, project: 'tensorflow', tags: manylinux('aarch64'), libraries: SHARED_OBJECTS };
    case 'darwin-arm64':
      return { ...base, project: 'tensorflow', tags: ['macosx_12_0_arm64'], libraries: DYLIBS };
    default:
      return fail('E_ENGINE_PLATFORM', {
        where: 'engine install',
        expected: 'linux-x64, linux-arm64 or darwin-arm64',
        got: platform,
        todo: wasm,
      });
  }
}

/** What decides which wheel runs. */
export interface Machine {
  platform: string;
  arch: string;
  glibc?: string;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion() };
}

/** The engine's folder name: `tensorflow-2.21.0-linux-x64-cpu`. */
export function engineName(version: string, platform: string, gpu: boolean): string {
  return `tensorflow-${version}-${platform}-${gpu ? 'gpu' : 'cpu'}`;
}

/** Whether version `a` comes before `b`, number by number. */
export function olderThan(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

const SHARED_OBJECTS = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const DYLIBS = ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'];

function manylinux(arch: string): string[] {
  return [`manylinux_2_27_${arch}`, `manylinux_2_17_${arch}`, `manylinux2014_${arch}`];
}

function numbers(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
}

function glibcVersion(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header === undefined ? undefined : (report.header.glibcVersionRuntime ?? '');
}
