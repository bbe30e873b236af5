import { attributes } from '../attrs.js';
import { GraphNode, outputOf, rewrite, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';

/**
 * The same graph with hard swish in the form of which TensorFlow makes one kernel with the convolution in front of it: `(x relu6(x + 3)) (1 / 6)`
 * with single numbers, where exporters (Paddle's) divide by six, and have lists of one number.
 *
 * @param outputs of an fp32 graph
 * @returns `outputs` of the new graph, in their old order; results differ by fp32 rounding
 */
export function joinHardSwish(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const attrs = [attributes(binding).type('T', binding.TF_FLOAT)];
  const number = (value: number): NodeRef => ref(GraphNode.constant(binding.TF_FLOAT, [], Float32Array.of(value)));
  return rewrite(outputs, (node, [product, divisor]) => {
    if (node.op !== 'RealDiv' || !isNumber(divisor!, 6) || product!.node.op !== 'Mul') return undefined;
    const factors = product!.node.inputs.map(unshaped);
    const x = factors.find((one, i) => isBent(factors[1 - i]!, one));
    if (!x) return undefined;
    const made = (op: string, inputs: NodeRef[]): NodeRef => ref(new GraphNode(op, attrs, inputs, [outputOf(x)]));
    const bent = made('Relu6', [made('Add', [x, number(3)])]);
    return made('Mul', [made('Mul', [x, bent]), number(1 / 6)]).node;
  });
}

/** Whether a value is `relu6(x + 3)`. */
function isBent({ node }: NodeRef, x: NodeRef): boolean {
  const sum = node.op === 'Relu6' ? unshaped(node.inputs[0]!).node : undefined;
  if (!sum || !/^Add(V2)?$/.test(sum.op)) return false;
  const terms = sum.inputs.map(unshaped);
  return terms.some((one, i) => one.node === x.node && one.index === x.index && isNumber(terms[1 - i]!, 3));
}

/** Whether a value is one constant number, in whatever shape. */
function isNumber({ node }: NodeRef, expected: number): boolean {
  const { value } = node.op === 'Reshape' ? node.inputs[0]!.node : node;
  if (!value || value.shape.some((side) => side !== 1)) return false;
  return (value.read() as Float32Array)[0] === expected;
}

/** What is given the shape that it has. */
function unshaped(given: NodeRef): NodeRef {
  const before = given.node.op === 'Reshape' ? given.node.inputs[0]! : given;
  const [from, to] = [before, given].map((one) => outputOf(one).shape.join());
  return from === to && before !== given ? unshaped(before) : given;
}

function ref(node: GraphNode): NodeRef {
  return { node, index: 0 };
}
