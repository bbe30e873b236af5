import { expect } from 'chai';
import * as tf from '@tensorflow/tfjs';
import { OnnxGraph } from '../../../src/models/onnx/graph.js';
import { Value } from '../../../src/models/onnx/value.js';
import { onEngines } from '../../support/engines.js';
import { floats, integers, parsed, type GraphParts } from './support/build.js';
import { ramp } from './support/ramp.js';
import { refusal } from './support/refusal.js';

onEngines('onnx: sizes', () => {
  it('sizes that no memory holds, and shapes that do not fit, are refused before anything is made', () => {
    const run = (parts: GraphParts): string => {
      const graph = new OnnxGraph(parsed({ inputs: { x: ['n', 'm'] }, ...parts }));
      const given = new Map([['x', Value.of('float32', tf.zeros([2, 3]))]]);
      return tf.tidy(() =>
        refusal(() => graph.run(given), parts.nodes[0]!.name === 'size' ? 'E_ONNX_SIZE' : 'E_ONNX_NODE'),
      );
    };
    const huge = integers('to', [1 << 20, 1 << 20]);
    tf.tidy(() => {
      for (const [op, to] of [
        ['Expand', [1 << 20, 1 << 20, 1, 1]],
        ['Tile', [1 << 20, 1 << 20]],
      ] as const)
        // prettier-ignore
        run({ nodes: [{ op, inputs: ['x', 'to'], name: 'size' }], initializers: [integers('to', [...to])] });
      run({ nodes: [{ op: 'ConstantOfShape', inputs: ['to'], name: 'size' }], initializers: [huge] });
      run({
        nodes: [{ op: 'Pad', inputs: ['x', 'to'], name: 'size' }],
        initializers: [integers('to', [1 << 20, 1 << 20, 0, 0])],
      });
      run({ nodes: [{ op: 'Range', inputs: ['a', 'b', 'c'], name: 'size' }], initializers: [integers('a', [0], []), integers('b', [2 ** 40], []), integers('c', [1], [])] }); // prettier-ignore
      const outer = { nodes: [{ op: 'MatMul', inputs: ['a', 'b'], name: 'size' }], initializers: [floats('a', [1 << 15, 1], ramp(1 << 15)), floats('b', [1, 1 << 15], ramp(1 << 15))] }; // prettier-ignore
      run(outer);
      run({
        nodes: [{ op: 'MaxPool', inputs: ['i'], name: 'size', attributes: { kernel_shape: [1], pads: [2 ** 40, 0] } }],
        initializers: [floats('i', [1, 1, 1], [1])],
      });
      expect(
        run({ nodes: [{ op: 'Reshape', inputs: ['x', 'to'], name: 'view' }], initializers: [integers('to', [-1, 4])] }),
      ).to.match(/Reshape "view".*6 values.*\[-1,4\]/);
      expect(
        run({
          nodes: [{ op: 'Add', inputs: ['x', 'w'], name: 'sum' }],
          initializers: [floats('w', [4], [1, 2, 3, 4])],
        }),
      ).to.match(/Add "sum".*\[2,3\] and \[4\]/);
      expect(run({ nodes: [{ op: 'Transpose', attributes: { perm: [0, 0] }, name: 'turn' }] })).to.match(
        /Transpose "turn"/,
      );
      expect(
        run({ nodes: [{ op: 'Gather', inputs: ['x', 'to'], name: 'take' }], initializers: [integers('to', [9])] }),
      ).to.match(/Gather "take".*0 to 1.*9/);
    });
  });
});
