import { attributes } from '../attrs.js';
import { GraphNode, outputOf, rewrite, type NodeRef } from '../graph.js';
import type { NativeBinding } from '../native.js';
import { reshaped } from '../nodes.js';

/** What lies in another value at given steps, times a number. */
interface View {
  source: NodeRef;
  /** Place of the first value. */
  first: number;
  sides: number[];
  /** For each side, from one value to the next. */
  steps: number[];
  factor: number;
  /** Whether something of it copies: a turn or a slice. */
  isCopied: boolean;
}

/** Values that lie side by side, from which on a copy by rows is the faster one. */
const ROW = 16;
/** The largest number in a geometry. */
const LARGEST = 2 ** 31 - 1;

/**
 * The same graph in which a chain of slices, turned axes, new shapes and products with one number is one copy, by `install/kernels.cc`, where what
 * is copied lies in rows. Turned last axes of what a batch of matrix products takes are left to these.
 *
 * @param outputs of an fp32 graph for inference
 * @returns `outputs` of the new graph, in their old order; the same values
 */
export function joinViews(binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  const views = new Map<GraphNode, (View | undefined)[]>();
  const copies = new Map<View, NodeRef>();
  const viewOf = (ref: NodeRef): View => views.get(ref.node)?.[ref.index] ?? whole(ref);
  const copied = (ref: NodeRef): NodeRef => {
    const view = views.get(ref.node)?.[ref.index];
    if (!view || !isWorth(view)) return ref;
    const made = copies.get(view) ?? copyOf(binding, view);
    copies.set(view, made);
    return made;
  };

  const made = rewrite(outputs, (node, inputs) => {
    if (inputs.length === 0) return undefined;
    const isFloat = node.outputs[0]?.dtype === binding.TF_FLOAT;
    const seen = isFloat ? seenBy(node, inputs, viewOf) : undefined;
    if (seen) {
      const same = node.with({ inputs });
      views.set(same, seen);
      return same;
    }
    if (isFloat && node.op === 'BatchMatMulV2') return multiplied(node, inputs);
    return node.with({ inputs: inputs.map(copied) });
  });
  return made.map(copied);

  /** A batch of products takes matrices turned as well. */
  function multiplied(node: GraphNode, inputs: NodeRef[]): GraphNode {
    const attrs = [...node.attrs];
    const given = inputs.map((ref, i) => {
      const view = views.get(ref.node)?.[ref.index];
      const turned = view && { ...view, sides: swapped(view.sides), steps: swapped(view.steps) };
      if (!turned || isWorth(view) || !isWorth(turned)) return copied(ref);
      const name = i === 0 ? 'adj_x' : 'adj_y';
      const place = attrs.findIndex((attr) => attr.name === name);
      attrs[place] = { ...attrs[place]!, value: attrs[place]!.value !== true };
      return copyOf(binding, turned);
    });
    return node.with({ attrs, inputs: given });
  }
}

function swapped(list: number[]): number[] {
  return [...list.slice(0, -2), list.at(-1)!, list.at(-2)!];
}

function whole(source: NodeRef): View {
  const { shape } = outputOf(source);
  return { source, first: 0, sides: shape, steps: stepsOf(shape), factor: 1, isCopied: false };
}

function stepsOf(sides: readonly number[]): number[] {
  return sides.map((_, i) => sides.slice(i + 1).reduce((product, side) => product * side, 1));
}

/** The outputs of an op that but looks at its input in another way; undefined for another op. */
function seenBy(node: GraphNode, inputs: NodeRef[], viewOf: (ref: NodeRef) => View): View[] | undefined {
  const [x, by] = inputs as [NodeRef, NodeRef];
  const shape = node.outputs[0]!.shape;
  switch (node.op) {
    case 'Reshape': {
      const view = viewOf(x);
      const steps = newSteps(view, shape);
      return steps && [{ ...view, sides: shape, steps }];
    }
    case 'Transpose': {
      const view = viewOf(x);
      const order = numbersOf(by);
      if (!order) return undefined;
      const turned = (list: number[]): number[] => order.map((axis) => list[axis]!);
      return [{ ...view, sides: turned(view.sides), steps: turned(view.steps), isCopied: true }];
    }
    case 'SplitV': {
      const [sizes, axes] = [numbersOf(by), numbersOf(inputs[2]!)];
      if (!sizes || !axes || sizes.length !== node.outputs.length) return undefined;
      const view = viewOf(x);
      const axis = axes[0]! < 0 ? axes[0]! + view.sides.length : axes[0]!;
      let begin = 0;
      return node.outputs.map(({ shape: sides }) => {
        const first = view.first + begin * view.steps[axis]!;
        begin += sides[axis]!;
        return { ...view, first, sides, isCopied: true };
      });
    }
    case 'Mul': {
      const place = inputs.findIndex((ref) => numbersOf(ref)?.length === 1);
      if (place < 0) return undefined;
      const view = viewOf(inputs[1 - place]!);
      return view.sides.join() === shape.join()
        ? [{ ...view, factor: view.factor * numbersOf(inputs[place]!)![0]! }]
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Steps of a view in another shape; undefined where no steps do it. */
function newSteps({ sides, steps }: View, shape: readonly number[]): number[] | undefined {
  const old = sides.map((side, i) => ({ side, step: steps[i]! })).filter(({ side }) => side !== 1);
  const made: number[] = [];
  let at = 0;
  let rest: { side: number; step: number } | undefined;
  for (const side of [...shape].reverse()) {
    if (side === 1) {
      made.unshift(0);
      continue;
    }
    rest ??= old[old.length - 1 - at++];
    // A side of the new shape may hold several of the old one that lie side by side.
    let needed = side;
    let step: number | undefined;
    while (needed > 1) {
      if (!rest) return undefined;
      if (step !== undefined && rest.step !== step * (side / needed)) return undefined;
      step ??= rest.step;
      if (needed % rest.side === 0) {
        needed /= rest.side;
        rest = needed > 1 ? old[old.length - 1 - at++] : undefined;
      } else if (rest.side % needed === 0) {
        rest = { side: rest.side / needed, step: rest.step * needed };
        needed = 1;
      } else return undefined;
    }
    made.unshift(step!);
  }
  return made;
}

/** Whether a view is a copy that is faster by rows. */
function isWorth({ source, sides, steps, isCopied, first }: View): boolean {
  if (!isCopied || source.node.value) return false;
  let row = 1;
  for (let i = sides.length - 1; i >= 0; i--) {
    if (sides[i] !== 1 && steps[i] !== row) break;
    row *= sides[i]!;
  }
  return row >= ROW && Math.max(first, ...sides, ...steps) <= LARGEST;
}

function copyOf(binding: NativeBinding, { source, first, sides, steps, factor }: View): NodeRef {
  const { type, float } = attributes(binding);
  const { dtype, shape } = outputOf(source);
  // What is there already, as it is.
  const isPlain = stepsOf(sides).every((step, i) => sides[i] === 1 || steps[i] === step);
  if (factor === 1 && first === 0 && product(shape) === product(sides) && isPlain)
    return reshaped(binding, source, sides);
  const numbers = Int32Array.of(first, ...sides, ...steps);
  const geometry = { node: GraphNode.constant(binding.TF_INT32, [numbers.length], numbers), index: 0 };
  const attrs = [type('T', dtype), { ...float('numbers', 0), value: [factor] }];
  return { node: new GraphNode('GearnnView', attrs, [source, geometry], [{ dtype, shape: sides }]), index: 0 };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

/** The numbers of a small constant. */
function numbersOf({ node }: NodeRef): number[] | undefined {
  const { value } = node;
  if (!value || product(value.shape) > 64) return undefined;
  return Array.from(value.read() as ArrayLike<number>, Number);
}
