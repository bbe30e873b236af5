import tf from '../common/tf.cjs';

type Apply = (this: tf.Optimizer, gradients: unknown) => void;

const CLASSES = [
  tf.SGDOptimizer,
  tf.MomentumOptimizer,
  tf.AdagradOptimizer,
  tf.AdadeltaOptimizer,
  tf.AdamOptimizer,
  tf.AdamaxOptimizer,
  tf.RMSPropOptimizer,
] as const;

/** Calls `seen` with every optimizer of `tf.train` that applies gradients while `run` runs, before it does. */
export function watchOptimizers<T>(seen: (optimizer: tf.Optimizer) => void, run: () => T): T {
  const prototypes = CLASSES.map(({ prototype }) => prototype as unknown as { applyGradients: Apply });
  const originals = prototypes.map(({ applyGradients }) => applyGradients);
  prototypes.forEach((prototype, i) => {
    prototype.applyGradients = function (gradients) {
      seen(this);
      originals[i]!.call(this, gradients);
    };
  });
  try {
    return run();
  } finally {
    prototypes.forEach((prototype, i) => (prototype.applyGradients = originals[i]!));
  }
}

/** The tensors that an optimizer made for itself and that are no variables: SGD's negative rate, momentum's share. */
export function ownTensors(optimizer: tf.Optimizer): tf.Tensor[] {
  return Object.values(optimizer).filter(
    (value): value is tf.Tensor => value instanceof tf.Tensor && !(value instanceof tf.Variable),
  );
}

/** A number of JavaScript, so it is a constant of the graph that was made with it. */
export function learningRate(optimizer: tf.Optimizer): number {
  return (optimizer as unknown as { learningRate: number }).learningRate;
}
