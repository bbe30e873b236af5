import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cpuFeatures } from '../../../src/engine/cpu.js';
import { GraphNode, liveNodes, type NodeRef } from '../../../src/engine/graph.js';
import type { NativeBinding, OpAttr } from '../../../src/engine/native.js';
import { fusesSlowly, separateBatchNorm } from '../../../src/engine/passes/separate-batch-norm.js';
import { onTensorflow } from '../../support/engines.js';
import { GEARNN } from '../../support/programs.js';
import { ROOT } from '../../support/sources.js';
import { unsupported } from '../../support/tools.js';

const BINDING = { TF_ATTR_TYPE: 6, TF_FLOAT: 1 } as NativeBinding;
const OUTPUT = { dtype: 1, shape: [1, 8, 8, 4] };

const refTo = (node: GraphNode): NodeRef => ({ node, index: 0 });

function made(op: string, inputs: GraphNode[], attrs: OpAttr[] = []): GraphNode {
  return new GraphNode(op, attrs, inputs.map(refTo), [OUTPUT]);
}

/** An op, then a normalization, then a ReLU. */
function normalized(first: string, isTraining: boolean): GraphNode {
  const x = GraphNode.placeholder(1, OUTPUT.shape);
  const training = { name: 'is_training', type: 10, value: isTraining };
  const statistics = Array.from({ length: 4 }, () => GraphNode.placeholder(1, [4]));
  return made('Relu', [made('FusedBatchNormV3', [made(first, [x]), ...statistics], [training])]);
}

function opsOf(outputs: NodeRef[]): string[] {
  return liveNodes(outputs)
    .map(({ op }) => op)
    .filter((op) => op !== 'Placeholder');
}

describe('engine: normalizations apart from convolutions', () => {
  it('are for processors without AVX-512, and those of which nothing is known; not for graphics cards', () => {
    const cpu = { isUsingGpuDevice: () => false };
    expect(fusesSlowly(cpu, new Set(['avx2']))).to.equal(true);
    expect(fusesSlowly(cpu, new Set())).to.equal(true);
    expect(fusesSlowly(cpu, new Set(['avx2', 'avx512f']))).to.equal(false);
    expect(fusesSlowly({ isUsingGpuDevice: () => true }, new Set(['avx2']))).to.equal(false);
  });

  it('have a Snapshot of the convolution’s type before them, and keep their other inputs', () => {
    const relu = normalized('Conv2D', false);
    const before = relu.inputs[0]!.node;
    const [output] = separateBatchNorm(BINDING, [refTo(relu)]);
    expect(opsOf([output!])).to.deep.equal(['Conv2D', 'Snapshot', 'FusedBatchNormV3', 'Relu']);
    const normalization = output!.node.inputs[0]!.node;
    expect(normalization.inputs[0]!.node.attrs).to.deep.equal([{ name: 'T', type: 6, value: 1 }]);
    expect(normalization.inputs.slice(1).map(({ node }) => node.op)).to.deep.equal(Array(4).fill('Placeholder'));
    expect(normalization.attrs).to.equal(before.attrs);
  });

  it('by the statistics of a batch, or of anything but a convolution, stay as they are', () => {
    for (const relu of [normalized('Conv2D', true), normalized('MatMul', false)]) {
      expect(opsOf(separateBatchNorm(BINDING, [refTo(relu)]))).to.not.include('Snapshot');
    }
  });
});

onTensorflow('engine: normalizations of an adapted network', () => {
  it('are not made one kernel with convolutions where that is slow', async function () {
    if (cpuFeatures().has('avx512f')) unsupported(this, 'has AVX-512, for which normalizations are left to TensorFlow');
    if (process.arch !== 'x64' || process.platform === 'darwin') unsupported(this, 'computes without oneDNN');
    const out = await mkdtemp(join(tmpdir(), 'gearnn-separate-'));
    const call = ['infer', 'test/fixtures/detect/ffmpeg-2.jpg', '--checkpoint', 'checkpoints/demo', '--out', out];
    const env = { ...process.env, ONEDNN_VERBOSE: '1' };
    const run = promisify(execFile)(process.execPath, [...GEARNN, ...call], { cwd: ROOT, env, maxBuffer: 1 << 26 });
    const { stdout } = await run.finally(() => rm(out, { recursive: true }));
    const kernels = stdout.split('\n').filter((line) => /,exec,.*,convolution,/.test(line));
    expect(kernels).to.have.length.greaterThan(20);
    expect(kernels.filter((line) => line.includes('binary_'))).to.deep.equal([]);
  });
});
