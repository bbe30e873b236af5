import tf from '../common/tf.cjs';
import { compile } from '../engine/compile.js';
import type { Precision } from '../engine/precision.js';
import type { Network, Statistics } from '../models/network.js';
import type { Sampler } from '../models/sampler.js';
import type { OpenObjective, View, Views } from './objectives/objective.js';

/** A batch on the engine. */
export interface BatchTensors {
  views: Views;
  targets: tf.NamedTensorMap;
}

/** What a loss comes to: the sum that is trained, and its parts by name where there are several. */
export interface LossTensors {
  loss: tf.Scalar;
  parts: Record<string, tf.Scalar>;
}

/** What becomes of gradients, in the graph that computes them. */
export interface GradientUse {
  /** What the loss is derived by. */
  variables: readonly tf.Variable[];
  /** @param gradients by the variable's name; a variable that the loss does not depend on has none */
  apply(gradients: tf.NamedTensorMap, rate: tf.Scalar): void;
}

/** For a forward pass that is run for what it does to running statistics. */
export const NO_GRADIENTS: GradientUse = { variables: [], apply: () => {} };

/** A loss, its gradients and what becomes of them as one native graph. */
export interface CompiledLoss {
  /** Of a network that learns from samples of each batch: draws what `run` then has for targets. */
  draw?: Sampler['draw'];
  /** @returns the loss before gradients are used; the caller disposes it, and what it passed */
  run(batch: BatchTensors, rate: tf.Scalar): LossTensors;
  dispose(): void;
}

/**
 * Compiles what a batch comes to.
 *
 * @param objective what the network is trained for; it stays the caller's
 * @param statistics by group, what normalizations of the network go by
 */
export function compileLoss(
  network: Network,
  objective: OpenObjective,
  statistics: (group: string) => Statistics,
  { variables, apply }: GradientUse,
  precision: Precision,
): CompiledLoss {
  const sampler = network.openSampler?.(precision);
  // An objective asks for the same views in every batch, and a task for the same targets.
  let names: { views: View[]; targets: string[] } = { views: [], targets: [] };
  const run = compile(
    (rate: tf.Scalar, ...inputs: tf.Tensor[]) => {
      const views = named(names.views, inputs) as Views;
      const targets = named(names.targets, inputs.slice(names.views.length));
      const forward = (images: tf.Tensor4D): tf.NamedTensorMap =>
        network.forward(images, statistics, sampler && targets);
      const kept: Record<string, tf.Scalar> = {};
      const loss = (): tf.Scalar => {
        const parts = objective.losses(forward, views, targets);
        const sum = sumOf(parts);
        if (Object.keys(parts).length > 1) {
          for (const [name, part] of Object.entries(parts)) kept[name] = tf.keep(tf.clone(part));
        }
        return sum;
      };
      // Without variables the forward pass is all.
      const { value, grads } =
        variables.length > 0 ? tf.variableGrads(loss, [...variables]) : { value: loss(), grads: {} };
      apply(grads as tf.NamedTensorMap, rate);
      const outputs: tf.NamedTensorMap = { [SUM]: value };
      for (const [name, part] of Object.entries(kept)) {
        outputs[name] = tf.clone(part);
        part.dispose();
      }
      return outputs;
    },
    undefined,
    { precision, makesVariables: false },
  );
  return {
    ...(sampler && { draw: (images, targets, random) => sampler.draw(images, targets, random) }),
    run({ views, targets }, rate) {
      names = { views: Object.keys(views) as View[], targets: Object.keys(targets) };
      const { [SUM]: loss, ...parts } = run(rate, ...Object.values(views), ...Object.values(targets));
      return { loss: loss as tf.Scalar, parts: parts as Record<string, tf.Scalar> };
    },
    dispose() {
      run.dispose();
      sampler?.dispose();
    },
  };
}

/** What is trained, of losses that are named. */
export function sumOf(losses: Readonly<Record<string, tf.Scalar>>): tf.Scalar {
  return Object.values(losses).reduce((sum, part) => tf.add(sum, part));
}

/** Where the sum is among the graph's outputs; no part is called so. */
const SUM = '';

function named(names: readonly string[], tensors: readonly tf.Tensor[]): tf.NamedTensorMap {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}
