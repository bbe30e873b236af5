import tf from '../../common/tf.cjs';

/** The kernels of tfjs-node that take `same`, `valid` and explicit paddings, but not one number for all sides. */
export const PADDED_KERNELS = [tf.Conv2D, tf.FusedConv2D] as const;

/** A kernel that takes a number for its padding too, as those of the other engines do. */
export function withNumberPadding(kernel: tf.KernelConfig): tf.KernelConfig {
  return {
    ...kernel,
    kernelFunc: (given) => {
      const attrs = given.attrs as unknown as tf.Conv2DAttrs;
      if (typeof attrs.pad !== 'number') return kernel.kernelFunc(given);
      const padded = { ...attrs, pad: onAllSides(attrs.pad) };
      return kernel.kernelFunc({ ...given, attrs: padded as unknown as tf.NamedAttrMap });
    },
  };
}

/** `[batch, height, width, channels]`, before and behind. */
function onAllSides(size: number): tf.backend_util.ExplicitPadding {
  return [
    [0, 0],
    [size, size],
    [size, size],
    [0, 0],
  ];
}
