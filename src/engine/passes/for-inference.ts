import { foldBatchNorm } from './fold-batch-norm.js';
import { foldNumbers } from './fold-numbers.js';
import type { NodeRef } from '../graph.js';
import { joinHardSwish } from './hard-swish.js';
import { hasKernels } from '../host-memory.js';
import { joinLinear } from './join-linear.js';
import { layerNorms } from './layer-norm.js';
import type { NativeBinding } from '../native.js';
import { asConvolutions, oneMatrix } from './one-matrix.js';
import { joinActivations, joinPointwise } from './pointwise.js';
import { shapeConstants } from './shaped-constants.js';
import { simplify } from './simplify.js';
import { joinViews } from './views.js';

type Pass = (binding: NativeBinding, outputs: NodeRef[]) => NodeRef[];

/** A graph with frozen weights as what it comes to. */
export function forInference(binding: NativeBinding, recorded: NodeRef[]): NodeRef[] {
  const folded = through(
    [shapeConstants, simplify, oneMatrix, foldBatchNorm, foldNumbers, joinHardSwish],
    binding,
    recorded,
  );
  if (!computesByOneDnn(binding)) return folded;
  const linear: Pass[] = [asConvolutions, joinLinear, shapeConstants, simplify];
  if (!hasKernels()) return through(linear, binding, folded);
  return through([joinActivations, ...linear, layerNorms, joinViews, joinPointwise], binding, folded);
}

function through(passes: readonly Pass[], binding: NativeBinding, outputs: NodeRef[]): NodeRef[] {
  return passes.reduce((made, pass) => pass(binding, made), outputs);
}

/** Whether oneDNN computes: other kernels of joined ops lack some of what is joined. */
function computesByOneDnn(binding: NativeBinding): boolean {
  return !binding.isUsingGpuDevice() && process.arch === 'x64' && process.env.TF_ENABLE_ONEDNN_OPTS !== '0';
}
