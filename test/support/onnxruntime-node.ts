import { existsSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { OnnxRuntime } from '../../src/models/onnx/onnxruntime.js';
import { missing } from './tools.js';

/** Where scripts/onnxruntime-node.sh puts the package. */
const FOLDER = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gearnn', 'onnxruntime-node');

/** The package onnxruntime-node; skips the running test where it is missing, and fails it in CI. */
export function requireOnnxRuntimeNode(test: Mocha.Context): OnnxRuntime {
  return createRequire(join(installed(test), 'any.js'))('onnxruntime-node') as OnnxRuntime;
}

/** Makes the package one that programs in a folder find, as `npm install onnxruntime-node` does there. */
export function installOnnxRuntimeNode(test: Mocha.Context, folder: string): void {
  symlinkSync(join(installed(test), 'node_modules'), join(folder, 'node_modules'));
}

function installed(test: Mocha.Context): string {
  if (existsSync(join(FOLDER, 'node_modules', 'onnxruntime-node'))) return FOLDER;
  return missing(test, 'needs onnxruntime-node: scripts/test-tools.sh');
}
