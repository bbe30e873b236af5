import type { Family } from './op.js';

/** Parts of the graph that run or not, as shapes decide; what values decide no graph of TensorFlow can have. */
export const control: Family = {
  If: (call, condition) => {
    const chosen = call.need(condition, 'cond');
    if (!chosen.isHost) call.refuse('a condition that shapes decide', 'one that values decide');
    return call.runBranch(call.graph(chosen.data()[0] ? 'then_branch' : 'else_branch'));
  },
};
