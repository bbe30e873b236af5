import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { onEngines, onTensorflow } from '../support/engines.js';

onEngines('engine: mended kernels', (engine) => {
  it('gather takes rows along an axis, and with batch dimensions', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
      expect(tf.gather(x, tf.tensor1d([2, 0], 'int32'), 1).arraySync()).to.deep.equal([[3, 1], [6, 4]]); // prettier-ignore
      // wasm's own kernel gives 5 in the second place.
      if (engine === 'wasm') return;
      const each = tf.tensor2d([[2], [0]], [2, 1], 'int32');
      expect(tf.gather(x, each, 1, 1).arraySync()).to.deep.equal([[3], [4]]);
    });
  });

  it('gather from outside the rows is an error', () => {
    tf.tidy(() => {
      expect(() => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([2], 'int32')).dataSync()).to.throw(
        /not in \[0, [12][\])]/,
      );
    });
  });

  it('conv2d, fused with a bias too, takes a number for its padding', () => {
    tf.tidy(() => {
      const [x, filter] = [tf.ones([1, 2, 2, 1]) as tf.Tensor4D, tf.ones([3, 3, 1, 1]) as tf.Tensor4D];
      expect([...tf.conv2d(x, filter, 1, 1).dataSync()]).to.deep.equal([4, 4, 4, 4]);
      const fused = tf.fused.conv2d({ x, filter, strides: 1, pad: 1, bias: tf.tensor1d([-5]), activation: 'relu' });
      expect([...fused.dataSync()]).to.deep.equal([0, 0, 0, 0]);
    });
  });
});

onTensorflow('engine: kernels of TensorFlow', () => {
  it('gather leaves its indices on the engine', () => {
    const backend = tf.backend() as tf.KernelBackend & { readSync(id: object): unknown };
    tf.tidy(() => {
      const indices = tf.add(tf.tensor1d([0], 'int32'), tf.tensor1d([1], 'int32'));
      backend.readSync = () => expect.fail('the indices were read');
      try {
        tf.gather(tf.tensor1d([1, 2]), indices);
      } finally {
        delete (backend as { readSync?: unknown }).readSync;
      }
    });
  });
});
