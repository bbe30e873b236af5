import { floats, integers, modelFile, type GraphParts } from './build.js';
import { drawn, tinyParts } from './tiny.js';

/** Side of the pictures that {@link detectorFile} takes, and classes that it tells apart. */
export const [SIDE, CLASSES] = [64, 2];

/** The path of a detector as YOLOv8's are exported: for each of 64 places a box around it, and a probability for each of two classes. */
export function detectorFile(): string {
  const rows = 4 + CLASSES;
  const places = Array.from({ length: 64 }, (_, i) => [8 * (i % 8) + 4, 8 * Math.floor(i / 8) + 4]);
  const centres = [...places.map(([x]) => x!), ...places.map(([, y]) => y!), ...Array<number>(64 * (rows - 2)).fill(0)];
  return modelFile({
    inputs: { images: ['batch', 3, SIDE, SIDE] },
    outputs: ['boxes'],
    initializers: [
      drawn('patch.w', [rows, 3, 8, 8]),
      floats('patch.b', [rows], [0, 0, 0, 0, -1, -1]),
      floats('sides', [1, rows, 1], [8, 8, 24, 24, 1, 1]),
      floats('centres', [1, rows, 64], centres),
      integers('shape', [0, rows, -1]),
    ],
    nodes: [
      {
        op: 'Conv',
        name: 'patch',
        inputs: ['images', 'patch.w', 'patch.b'],
        outputs: ['a'],
        attributes: { kernel_shape: [8, 8], strides: [8, 8] },
      },
      { op: 'Sigmoid', inputs: ['a'], outputs: ['b'] },
      { op: 'Reshape', inputs: ['b', 'shape'], outputs: ['c'] },
      { op: 'Mul', inputs: ['c', 'sides'], outputs: ['d'] },
      { op: 'Add', inputs: ['d', 'centres'], outputs: ['boxes'] },
    ],
  });
}

/** The path of a network that says of every second pixel how likely it is foreground. */
export function foregroundFile(): string {
  const parts = tinyParts(1);
  return modelFile({
    ...parts,
    outputs: ['map'],
    nodes: [...parts.nodes, { op: 'Sigmoid', inputs: ['answer'], outputs: ['map'] }],
  });
}

/** The path of a network with a map of four channels and a vector of six numbers. */
export function featuresFile(): string {
  const parts: GraphParts = tinyParts(4);
  return modelFile({ ...parts, outputs: ['answer', 'g'] });
}
