import { Random } from '../../../../src/common/random.js';
import { floats, integers, modelFile, type GraphParts } from './build.js';

/** A tensor message of numbers around 0, which its name and shape decide, whatever was drawn before; `around` is added. */
export function drawn(name: string, dims: number[], around = 0): object {
  const random = Random.of(24, name, ...dims);
  const size = dims.reduce((product, side) => product * side, 1);
  return floats(name, dims, Array.from({ length: size }, () => around + random.next() - 0.5)); // prettier-ignore
}

/**
 * A small network with a layer of each kind: a strided convolution with its batch normalization, one without, a matrix product that weighs
 * channels, and a convolution that tells classes apart.
 */
export function tinyParts(classes: number): GraphParts {
  return {
    inputs: { images: ['batch', 3, 'height', 'width'] },
    outputs: ['answer'],
    initializers: [
      drawn('stem.w', [4, 3, 3, 3]),
      ...[
        drawn('norm.scale', [4], 1),
        drawn('norm.shift', [4]),
        drawn('norm.mean', [4]),
        drawn('norm.variance', [4], 2),
      ],
      drawn('body.w', [6, 4, 3, 3]),
      drawn('gate.w', [6, 6]),
      drawn('gate.b', [6]),
      ...[drawn('head.w', [classes, 6, 1, 1]), drawn('head.b', [classes])],
      integers('shape', [0, -1, 1, 1]),
    ],
    nodes: [
      {
        op: 'Conv',
        name: 'stem',
        inputs: ['images', 'stem.w'],
        outputs: ['a'],
        attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
      },
      {
        op: 'BatchNormalization',
        name: 'norm',
        inputs: ['a', 'norm.scale', 'norm.shift', 'norm.mean', 'norm.variance'],
        outputs: ['b'],
      },
      { op: 'Sigmoid', inputs: ['b'], outputs: ['c'] },
      { op: 'Conv', name: 'body', inputs: ['c', 'body.w'], outputs: ['d'], attributes: { pads: [1, 1, 1, 1] } },
      { op: 'GlobalAveragePool', inputs: ['d'], outputs: ['e'] },
      { op: 'Flatten', inputs: ['e'], outputs: ['f'] },
      { op: 'Gemm', name: 'gate', inputs: ['f', 'gate.w', 'gate.b'], outputs: ['g'], attributes: { transB: 1 } },
      { op: 'Reshape', inputs: ['g', 'shape'], outputs: ['h'] },
      { op: 'Mul', inputs: ['d', 'h'], outputs: ['i'] },
      { op: 'Conv', name: 'head', inputs: ['i', 'head.w', 'head.b'], outputs: ['answer'] },
    ],
  };
}

/** {@link tinyParts} in a file; its path. */
export function tinyFile(classes: number): string {
  return modelFile(tinyParts(classes));
}
