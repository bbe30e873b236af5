import tf from '../../common/tf.cjs';
import { attributes } from '../../engine/attrs.js';
import { nativeBackend } from '../../engine/native.js';

/**
 * The gradient of bilinear `tf.image.cropAndResize` with respect to the image; boxes have none. On a CPU with several threads TensorFlow's
 * kernel adds into the image from all of them at once and loses some: the engine is started with TF_DETERMINISTIC_OPS there.
 */
export const cropAndResizeGradient: tf.GradConfig = {
  kernelName: tf.CropAndResize,
  inputsToSave: ['image', 'boxes', 'boxInd'],
  gradFunc: (dy, saved) => {
    const [image, boxes, boxInd] = saved as [tf.Tensor4D, tf.Tensor2D, tf.Tensor1D];
    const given = dy as tf.Tensor4D;
    return {
      image: () =>
        nativeBackend() ? native(given, image.shape, boxes, boxInd) : plain(given, image.shape, boxes, boxInd),
      boxes: () => tf.zeros(boxes.shape),
      boxInd: () => tf.zeros(boxInd.shape),
    };
  },
};

type Shape = [number, number, number, number];

function native(dy: tf.Tensor4D, shape: Shape, boxes: tf.Tensor2D, boxInd: tf.Tensor1D): tf.Tensor {
  const backend = nativeBackend()!;
  const make = attributes(backend.binding);
  return backend.executeSingleOutput(
    'CropAndResizeGradImage',
    [make.type('T', backend.binding.TF_FLOAT), make.text('method', 'bilinear')],
    [dy, boxes, boxInd, tf.tensor1d(shape, 'int32')],
  );
}

/** The place between two rows, or columns, that a sampling point lies at; null outside of the image. */
interface Place {
  low: number;
  high: number;
  share: number;
}

function plain(dy: tf.Tensor4D, shape: Shape, boxes: tf.Tensor2D, boxInd: tf.Tensor1D): tf.Tensor {
  const [, height, width, channels] = shape;
  const [count, rows, columns] = dy.shape;
  const grads = dy.dataSync();
  const corners = boxes.dataSync();
  const images = boxInd.dataSync();
  const dx = new Float32Array(shape.reduce((product, side) => product * side, 1));
  for (let box = 0; box < count; box++) {
    const [y1, x1, y2, x2] = corners.subarray(4 * box, 4 * box + 4) as unknown as [number, number, number, number];
    const across = placesOf(x1, x2, columns, width);
    placesOf(y1, y2, rows, height).forEach((y, row) => {
      if (!y) return;
      across.forEach((x, column) => {
        if (!x) return;
        const from = ((box * rows + row) * columns + column) * channels;
        for (const [at, down] of [
          [y.low, 1 - y.share],
          [y.high, y.share],
        ] as const)
          // prettier-ignore
          for (const [to, right] of [[x.low, 1 - x.share], [x.high, x.share]] as const) { // prettier-ignore
            const start = ((images[box]! * height + at) * width + to) * channels;
            for (let c = 0; c < channels; c++) dx[start + c]! += grads[from + c]! * down * right;
          }
      });
    });
  }
  return tf.tensor(dx, shape);
}

function placesOf(start: number, end: number, count: number, size: number): (Place | null)[] {
  const step = count > 1 ? ((end - start) * (size - 1)) / (count - 1) : 0;
  const first = count > 1 ? start * (size - 1) : 0.5 * (start + end) * (size - 1);
  return Array.from({ length: count }, (_, i) => {
    const at = first + i * step;
    if (!(at >= 0 && at <= size - 1)) return null;
    return { low: Math.floor(at), high: Math.ceil(at), share: at - Math.floor(at) };
  });
}
