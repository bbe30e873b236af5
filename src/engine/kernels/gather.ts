import tf from '../../common/tf.cjs';
import { attributes } from '../attrs.js';
import type { NativeBackend } from '../native.js';

/**
 * `tf.gather` on tensorflow. tfjs-node's own kernel reads all indices back to check their range, which stalls the engine and cannot be
 * compiled; TensorFlow checks them itself (on a GPU an index out of range gives zeros).
 *
 * @source tfjs-node, src/kernels/GatherV2.ts
 */
export const gatherKernel: tf.KernelConfig = {
  kernelName: tf.GatherV2,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, indices } = inputs as Record<'x' | 'indices', tf.TensorInfo>;
    const { axis: stated, batchDims } = attrs as unknown as tf.GatherV2Attrs;
    const [axis] = tf.util.parseAxisParam(stated, x.shape) as [number];
    const native = backend as NativeBackend;
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x as tf.Tensor, indices as tf.Tensor, axis, batchDims);
    const axisTensor = tf.scalar(axis, 'int32');
    const { int, type } = attributes(native.binding);
    const typeOf = (name: string, tensor: tf.TensorInfo) => type(name, native.tensorMap.get(tensor.dataId).dtype);
    const result = native.executeSingleOutput(
      'GatherV2',
      [int('batch_dims', batchDims), typeOf('Tparams', x), typeOf('Tindices', indices), typeOf('Taxis', axisTensor)],
      [x, indices, axisTensor],
    );
    axisTensor.dispose();
    return result;
  },
};
