import { einsum } from '../../../src/ops/index.js';
import { at, indices, make } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

/** Sums over every value of every label; `spelled` is the equation without dots or gaps. */
function add(equation: string, shapes: number[][], spelled = equation): OpCase {
  const [left, result] = spelled.split('->') as [string, string];
  const terms = left.split(',');
  const sizes = new Map<string, number>();
  terms.forEach((term, i) => [...term].forEach((label, axis) => sizes.set(label, Math.max(sizes.get(label) ?? 1, shapes[i]![axis]!)))); // prettier-ignore
  const labels = [...sizes.keys()];
  return {
    name: `einsum ${equation}`,
    shapes,
    run: (...tensors) => einsum(equation, ...tensors),
    reference: (...inputs) => {
      const y = make([...result].map((label) => sizes.get(label)!), () => 0); // prettier-ignore
      for (const places of indices([...sizes.values()])) {
        const index = (term: string, shape: number[]): number[] =>
          [...term].map((label, axis) => (shape[axis] === 1 ? 0 : places[labels.indexOf(label)]!));
        const product = terms.reduce((value, term, i) => value * at(inputs[i]!, index(term, inputs[i]!.shape)), 1);
        const target = index(result, y.shape).reduce((place, value, axis) => place * y.shape[axis]! + value, 0);
        y.values[target]! += product;
      }
      return y;
    },
  };
}

export const EINSUM_CASES: OpCase[] = [
  add('ij,jk->ik', [[3, 4], [4, 2]]), // prettier-ignore
  add('bhqd,bhkd->bhqk', [[2, 2, 3, 4], [2, 2, 5, 4]]), // prettier-ignore
  add('i,j->ji', [[3], [4]]),
  add('ij->', [[3, 4]]),
  add('ij->ji', [[3, 4]]),
  add('ij->j', [[3, 4]]),
  add('ii->i', [[3, 3]]),
  add('biji,j->b', [[2, 3, 4, 3], [4]]),
  add('ij,ij->i', [[3, 4], [3, 4]]), // prettier-ignore
  add('ij,jk,kl->li', [[3, 4], [4, 2], [2, 5]]), // prettier-ignore
  add('ab,cd->ad', [[2, 3], [4, 2]]), // prettier-ignore
  add('ba', [[2, 3]], 'ba->ab'),
  add('ij, jk', [[3, 4], [4, 2]], 'ij,jk->ik'), // prettier-ignore
  add('...ij,...jk->...ik', [[2, 1, 3, 4], [3, 4, 2]], 'xyij,yjk->xyik'), // prettier-ignore
  add('...ii->...i', [[2, 3, 3]], 'xii->xi'),
  add('b...,b->...', [[2, 3, 4], [2]], 'bxy,b->xy'),
];
