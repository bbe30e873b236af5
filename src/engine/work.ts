import { liveNodes, outputOf, type GraphNode, type NodeRef } from './graph.js';

/**
 * Multiply-adds of an op that one thread does in the time that it takes to hand a part of it to another and to wait for that: some 10 us, with
 * kernels of oneDNN on a processor of 2023 (docs/compile.md, "Small graphs").
 */
const WAKING = 3e5;

/** Ops that only a gradient has; that for a convolution's input is a transposed convolution's forward pass as well. */
const GRADIENT = /BackpropFilter|Grad(V[0-9]|WithArgmax)?$/;

/** Whether a graph takes gradients. */
export function hasGradients(outputs: NodeRef[]): boolean {
  return liveNodes(outputs).some(({ op }) => GRADIENT.test(op));
}

/**
 * Whether a graph's ops are so small that one thread computes them sooner than several, which wait for each other at each of them. A graph
 * with gradients never is: their sums over all pixels come out with other bits where fewer threads share them.
 *
 * @param threads that would share an op
 */
export function isSmall(outputs: NodeRef[], threads: number): boolean {
  if (hasGradients(outputs)) return false;
  const work = liveNodes(outputs)
    .map(workOf)
    .filter((one) => one > 0);
  const all = work.reduce((sum, one) => sum + one, 0);
  // Of an op with work w, threads save w (1 - 1 / threads).
  return (all / Math.max(1, work.length)) * (1 - 1 / threads) < WAKING;
}

/** Multiply-adds of a convolution or matrix product; 0 for all other ops, which take next to nothing beside them. */
export function workOf(node: GraphNode): number {
  const { op, inputs, outputs } = node;
  const shapeOf = (i: number): number[] => outputOf(inputs[i]!).shape;
  const made = product(outputs[0]?.shape ?? []);
  switch (op) {
    case 'Conv2D':
    case '_FusedConv2D':
    case 'Conv3D':
      // Each result is a sum over all of a filter but its last axis.
      return made * product(shapeOf(1).slice(0, -1));
    case 'Conv2DBackpropInput':
    case 'Conv3DBackpropInputV2':
      return product(shapeOf(2)) * product(shapeOf(1).slice(0, -1));
    case 'Conv2DBackpropFilter':
    case 'Conv3DBackpropFilterV2':
      return (made * product(shapeOf(2))) / shapeOf(2).at(-1)!;
    case 'DepthwiseConv2dNative':
    case '_FusedDepthwiseConv2dNative':
      return made * product(shapeOf(1).slice(0, 2));
    case 'MatMul':
      return made * shapeOf(0).at(node.attr('transpose_a') === true ? -2 : -1)!;
    case 'BatchMatMulV2':
      return made * shapeOf(0).at(node.attr('adj_x') === true ? -2 : -1)!;
    default:
      return 0;
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
