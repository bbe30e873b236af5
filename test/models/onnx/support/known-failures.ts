import type { EngineName } from '../../../../src/engine/index.js';

/** Cases of operations that gearnn has which do not pass, and why. */
export const FAILING: Readonly<Record<string, { engines: EngineName[]; reason: string }>> = {};
