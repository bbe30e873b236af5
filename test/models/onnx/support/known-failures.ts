import type { EngineName } from '../../../../src/engine/index.js';

/** Cases of operations that gearnn has which do not pass, and why. */
export const FAILING: Readonly<Record<string, { engines: EngineName[]; reason: string }>> = {
  test_convtranspose_3d: { engines: ['tensorflow'], reason: 'transposed convolutions run over one or two axes' },
};
