import type { Chooser } from './chooser.js';

/**
 * The running means and variances of all normalizations and nothing else, which need no gradient.
 *
 * @source Li et al., Revisiting Batch Normalization For Practical Domain Adaptation (2016); Schneider et al., Improving robustness against
 *   common corruptions by covariate shift adaptation (NeurIPS 2020)
 */
export const bnStatistics: Chooser = {
  description: 'running statistics of all normalizations',
  overBudget: true,
  choose: (items) => [...items.keys()].filter((index) => items[index]!.kind === 'statistics'),
};
