import { filled } from './constants.js';
import type { Family } from './op.js';

/** Dropout passes everything on: gearnn trains deployed networks as they answer. */
export const dropout: Family = {
  Dropout: (call, x, ratio, training) => {
    const value = call.need(x, 'data');
    const share = ratio?.data()[0] ?? 0.5;
    if (training?.data()[0] && share > 0)
      call.refuse('a network exported to answer', 'a dropout that is on', 'Export it after model.eval().');
    // Up to version 9 the mask is of the input's type.
    return [value, filled(call.opset < 10 ? value.type : 'bool', [...value.shape], 1)];
  },
};
