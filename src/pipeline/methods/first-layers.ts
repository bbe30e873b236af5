import { splitMethod } from './split-method.js';

/** @source Lee et al., Surgical Fine-Tuning Improves Adaptation to Distribution Shifts (ICLR 2023) */
export const firstLayers = splitMethod('as the adaptor, items taken from the input on up to the same budget', {
  choose: 'first-layers',
});
