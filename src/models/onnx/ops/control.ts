import type { Family } from './op.js';

/** Parts of the graph that run or not. What values decide they have to be read for, which a graph that is being compiled cannot. */
export const control: Family = {
  If: (call, condition) => {
    const chosen = call.need(condition, 'cond').data()[0];
    return call.runBranch(call.graph(chosen ? 'then_branch' : 'else_branch'));
  },
};
