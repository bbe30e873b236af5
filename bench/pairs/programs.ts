import { existsSync, mkdtempSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../src/common/package-root.js';
import { peerPython } from '../peer.js';
import { Side } from '../side.js';
import { NETWORKS, type Cell } from './cell.js';

/** A program that is compared. */
export interface Program {
  name: string;
  /** What installs it, where it is not there. */
  absent?: string;
  /** Settings of which the fastest is kept; none where it does not do that case. */
  settings(cell: Cell): readonly string[];
  start(cell: Cell, setting: string): Side;
}

export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn');
/** Where bench/peers/compared.py writes networks. */
export const FOLDER = join(CACHE, 'peer-networks');

/** The ONNX file of a case. */
export const fileOf = ({ network, batch }: Cell): string => join(FOLDER, `${network}.b${batch}.onnx`);

/** The Python that has PyTorch and the libraries of networks; null where there is none. */
export const torchPython = (): string | null =>
  peerPython('torch, torchvision, timm, segmentation_models_pytorch, onnx, onnxruntime, safetensors');

/** Every program, gearnn first. @param scratch a folder for what PyTorch compiles */
export function programs(scratch: string): Program[] {
  return [gearnn, onnxruntimeNode(), openvino(), pytorch('eager', scratch), pytorch('compiled', scratch)];
}

const gearnn: Program = {
  name: 'gearnn',
  settings: () => [''],
  start: (cell) => {
    const { what, network, batch, threads, precision } = cell;
    const { size, own } = NETWORKS[network]!;
    const of = what === 'infer' ? [fileOf(cell)] : [own!.name, own!.classes, batch, ...size];
    return node(`gearnn-${what}`, [threads, precision, ...of]);
  },
};

function onnxruntimeNode(): Program {
  const folder = join(CACHE, 'onnxruntime-node');
  return {
    name: 'onnxruntime-node',
    ...(existsSync(join(folder, 'node_modules', 'onnxruntime-node')) ? {} : { absent: 'bash scripts/onnx-tools.sh' }),
    // Its processor's kernels have bf16 on Arm alone.
    settings: ({ what, precision }) => (what === 'infer' && precision === 'fp32' ? [''] : []),
    start: (cell) => node('../onnx/node-peer', [fileOf(cell), folder, cell.threads]),
  };
}

function openvino(): Program {
  const python = peerPython('openvino, safetensors');
  return {
    name: 'OpenVINO',
    ...(python ? {} : { absent: 'bash scripts/bench-tools.sh' }),
    settings: ({ what }) => (what === 'infer' ? ['pinned', 'free'] : []),
    start: (cell, pinning) =>
      Side.start(python!, [peer('infer_openvino'), fileOf(cell), String(cell.threads), cell.precision, pinning]),
  };
}

function pytorch(mode: 'eager' | 'compiled', scratch: string): Program {
  const python = torchPython();
  return {
    name: `PyTorch ${mode}`,
    ...(python ? {} : { absent: 'bash scripts/onnx-tools.sh' }),
    settings: ({ network }) => (NETWORKS[network]!.pytorch ? ['channels-last', 'contiguous'] : []),
    start: ({ what, network, batch, threads, precision }, layout) => {
      const shared = [String(batch), String(threads), precision, mode, layout];
      const args = what === 'infer' ? [network, FOLDER, ...shared] : [network, ...shared];
      // Compiled anew at each start, as on a machine that it starts on for the first time.
      const env = { ...process.env, TORCHINDUCTOR_CACHE_DIR: mkdtempSync(join(scratch, 'inductor-')) };
      return Side.start(python!, [peer(`${what}_pytorch`), ...args], env);
    },
  };
}

const peer = (name: string): string => join(packageRoot(), 'bench', 'peers', `${name}.py`);

/** Starts a program beside this one, compiled or not as it is. */
function node(name: string, args: readonly (string | number)[]): Side {
  const self = fileURLToPath(import.meta.url);
  const file = join(dirname(self), `${name}${extname(self)}`);
  return Side.start(process.execPath, [...process.execArgv, file, ...args.map(String)]);
}
