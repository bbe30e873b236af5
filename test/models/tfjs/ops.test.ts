import { expect } from 'chai';
import { translatedOps } from '../../../src/models/tfjs/ops/registry.js';
import { onEngines } from '../../support/engines.js';
import { graphFile, type GraphParts, type Numbers } from './support/build.js';
import { expectSame } from './support/compare.js';
import { OP_CASES, type OpCase } from './support/op-cases.js';

const INPUT_TYPES = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' };

/** A file of one node. */
function fileOf({ op, operands, fixed, attributes, values }: OpCase): { file: string; given: Record<string, Numbers> } {
  const parts: GraphParts & Required<Pick<GraphParts, 'weights' | 'types'>> = { nodes: [], weights: {}, inputs: {}, types: {} }; // prettier-ignore
  const given: Record<string, Numbers> = {};
  operands.forEach((numbers, place) => {
    const name = `operand${place}`;
    if (fixed.includes(place)) {
      parts.weights[name] = numbers;
      return;
    }
    parts.inputs[name] = numbers.shape;
    parts.types[name] = INPUT_TYPES[numbers.dtype];
    given[name] = numbers;
  });
  parts.nodes.push({ op, name: 'node', inputs: operands.map((_, place) => `operand${place}`), attributes });
  for (let i = 0; i < values; i++) parts.nodes.push({ op: 'Identity', name: `y${i}`, inputs: [`node:${i}`] });
  return { file: graphFile(parts), given };
}

onEngines(
  "tfjs: operations give what TensorFlow.js' executor gives",
  () => {
    for (const one of OP_CASES) {
      it(`${one.op} ${one.title}`, async () => {
        const { file, given } = fileOf(one);
        await expectSame(file, given, 1e-5);
      });
    }
  },
  ['cpu'],
);

describe('tfjs: operations', () => {
  it('have a case each, but those that only layers are made of', () => {
    const tried = new Set(OP_CASES.map(({ op }) => op));
    expect(translatedOps().filter((op) => !tried.has(op))).to.deep.equal(['ClipByValue', 'Softsign']);
  });
});
