import { availableParallelism, cpus, totalmem } from 'node:os';
import { readTextSync } from '../common/text-file.js';

/** What this machine's processor does with bfloat16. */
export interface Bf16Support {
  /** The instructions that TensorFlow's oneDNN multiplies bf16 with, fastest first; empty where it has none. */
  instructions: ('amx_bf16' | 'avx512_bf16' | 'bf16')[];
  /** Whether `--precision bf16` runs here; without the instructions it would be slower than fp32, not faster. */
  supported: boolean;
}

/**
 * The processor's features by their names in Linux; elsewhere none are found.
 *
 * @param cpuinfo text of /proc/cpuinfo; given by tests
 * @source arch/x86/include/asm/cpufeatures.h, arch/arm64/kernel/cpuinfo.c
 */
export function cpuFeatures(cpuinfo: string = readCpuinfo()): ReadonlySet<string> {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1] ?? '';
  return new Set(line.trim().split(/\s+/));
}

/** What {@link cpuFeatures} say of bfloat16. */
export function bf16Support(cpuinfo?: string): Bf16Support {
  const flags = cpuFeatures(cpuinfo);
  const instructions = (['amx_bf16', 'avx512_bf16', 'bf16'] as const).filter((name) => flags.has(name));
  return { instructions, supported: instructions.length > 0 };
}

/** The machine as an engine sees it. */
export interface MachineSize {
  /** The processor's name. */
  processor: string;
  /** Threads that run at once in this process. */
  threads: number;
  /** Bytes of memory this process may use: the machine's, or the container's limit. */
  memory: number;
}

export function machineSize(): MachineSize {
  // Undefined without a limit before Node.js 20.13.
  const limit = (process.constrainedMemory() as number | undefined) ?? 0;
  const total = totalmem();
  return {
    processor: cpus()[0]?.model.trim() || 'unknown',
    threads: availableParallelism(),
    memory: limit > 0 && limit < total ? limit : total,
  };
}

function readCpuinfo(): string {
  try {
    return readTextSync('/proc/cpuinfo');
  } catch {
    return '';
  }
}
