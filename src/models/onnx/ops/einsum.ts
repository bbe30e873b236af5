import { einsum as contract } from '../../../ops/index.js';
import { Value } from '../value.js';
import type { Family } from './op.js';

/** Sums of products by Einstein's notation. */
export const einsum: Family = {
  Einsum: (call, ...inputs) => {
    const values = inputs.map((input) => call.need(input, 'inputs'));
    const equation = call.text('equation', '').replace(/\s/g, '');
    return Value.of(values[0]!.type, contract(equation, ...values.map((value) => value.tensor())));
  },
};
