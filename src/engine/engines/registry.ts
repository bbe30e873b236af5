import { cpu } from './cpu.js';
import type { EngineKind } from './kind.js';
import { tensorflow } from './tensorflow.js';
import { wasm } from './wasm.js';

/** Every engine, fastest first: unless one is named, the first that is installed computes. */
export const ENGINES: readonly EngineKind[] = [tensorflow, wasm, cpu];
