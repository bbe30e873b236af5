/**
 * `gearnn/engine`. Finds, installs and starts what computes, and compiles functions to native graphs.
 *
 * @packageDocumentation
 */
export { memoryUse } from './memory.js';
export { startEngine, type Engine, type EngineName, type EngineOptions } from './start.js';
export { compile, type CompileOptions, type Compiled, type Outputs } from './compile.js';
export type { Precision } from './precision.js';
