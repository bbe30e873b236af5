import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import { choosePrecision, speedKey } from './auto-precision.js';
import { measureBf16 } from './bf16-speed.js';
import type { EngineKind, EngineName } from './engines/kind.js';
import { ENGINES } from './engines/registry.js';
import { requirePrecision, setEnginePrecision, type Precision } from './precision.js';

export type { EngineName } from './engines/kind.js';

export interface EngineOptions {
  /** Default: tensorflow where it is installed, else wasm. */
  engine?: EngineName;
  /**
   * Arithmetic of compiled graphs. `auto` is bf16 where the engine has it and is faster with it, by a measurement of about a second that is
   * kept beside the engine. Default fp32, as results depend on it.
   */
  precision?: Precision | 'auto';
  /**
   * Where the processor has no bf16 arithmetic, round as it does in fp32 instead of refusing: the same numbers up to the order of sums, at
   * no more than fp32's speed. For repeating what another machine computed. The wasm and cpu engines refuse all the same. Default false.
   */
  imitateBf16?: boolean;
  /** Threads within an op; default: one per core, or what `TF_NUM_INTRAOP_THREADS` says. Fixed once TensorFlow is loaded. */
  threads?: number;
  /** Lets the engine's own messages through. */
  verbose?: boolean;
}

/** What computes now. */
export interface Engine {
  name: EngineName;
  /** Of the native library, or of the TensorFlow.js package. */
  version: string;
  precision: Precision;
  threads: number;
  /** A line for the user: what differs from what was asked for, or from the best, and what `auto` chose. */
  notice?: string;
}

/**
 * Starts an engine and makes it the active backend of TensorFlow.js. Calling it again is fine, with another engine or precision too.
 *
 * An engine asked for by name starts or is an error; without a name the fastest that is installed is taken, and `notice` says so where
 * that is not TensorFlow. One that is installed but does not start is an error in both cases.
 *
 * @throws E_ENGINE_MISSING, E_ENGINE_DAMAGED, E_ENGINE_START with the reason; E_ENGINE_PRECISION where bf16 would not be faster;
 *   E_ENGINE_STARTED for another number of threads than TensorFlow runs with already; E_USAGE
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const { precision: asked = 'fp32', threads, verbose = false, imitateBf16 = false } = options;
  check(options);
  const kind = ENGINES.find(({ name }) => name === options.engine) ?? (await firstInstalled());
  const loaded = await kind.load({ threads, verbose });
  const { version, threads: loadedThreads, withoutBf16, roundsToBf16, folder, notice } = loaded;
  const imitated = imitateBf16 && withoutBf16 !== null && roundsToBf16;
  const refusal = imitated ? null : withoutBf16;
  if (asked !== 'auto') requirePrecision(asked, refusal);
  await tf.setBackend(kind.name);
  // setBackend answers false, and leaves the old backend in place, where a backend does not start.
  if (tf.getBackend() !== kind.name) {
    fail('E_ENGINE_START', {
      where: `engine ${kind.name}`,
      expected: 'TensorFlow.js to take it as its backend',
      got: `${tf.getBackend()} in its place`,
    });
  }
  setEnginePrecision('fp32', { refusal, imitated });
  const key = speedKey({ name: kind.name, version, threads: loadedThreads });
  const chosen =
    asked === 'auto'
      ? await choosePrecision({ refusal: withoutBf16, key, folder, measure: measureBf16 })
      : { precision: asked, why: undefined };
  const { precision } = chosen;
  setEnginePrecision(precision, { refusal, imitated });
  const absence = options.engine === undefined && kind !== ENGINES[0] ? ENGINES[0]!.absence : undefined;
  const imitation = imitated && precision === 'bf16' ? IMITATION : undefined;
  const choice = chosen.why && `Precision auto: ${chosen.why}.`;
  const notices = [absence, notice, imitation, choice].filter((line) => line !== undefined);
  running = {
    name: kind.name,
    version,
    precision,
    threads: loadedThreads,
    ...(notices.length > 0 ? { notice: notices.join(' ') } : {}),
  };
  return running;
}

/** What computes now; undefined before an engine was started. */
export function runningEngine(): Engine | undefined {
  return running;
}

let running: Engine | undefined;

const IMITATION =
  'This processor has no bf16 arithmetic: fp32 takes its place, rounded as bf16 rounds, without its speed.';

async function firstInstalled(): Promise<EngineKind> {
  for (const kind of ENGINES) if (await kind.isInstalled()) return kind;
  return ENGINES.at(-1)!;
}

/** For callers without types. */
function check({ engine, precision, threads }: EngineOptions): void {
  const precisions: (string | undefined)[] = [undefined, 'fp32', 'bf16', 'auto'];
  const names = ENGINES.map(({ name }) => name);
  if (engine !== undefined && !names.includes(engine))
    fail('E_USAGE', { where: 'engine', expected: `one of ${names.join(', ')}`, got: `"${String(engine)}"` });
  if (!precisions.includes(precision))
    fail('E_USAGE', { where: 'engine precision', expected: 'fp32, bf16 or auto', got: `"${String(precision)}"` });
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0))
    fail('E_USAGE', { where: 'engine threads', expected: 'a whole number from 1 on', got: String(threads) });
}
