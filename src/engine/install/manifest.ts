import { join } from 'node:path';
import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { readText } from '../../common/text-file.js';
import { explainSystemError } from '../../common/system-error.js';

const File = z.object({
  path: z.string(),
  size: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const Schema = z.object({
  format: z.literal('gearnn-engine'),
  version: z.literal(1),
  /** The folder's name: `tensorflow-2.21.0-linux-x64-cpu`. */
  name: z.string(),
  tensorflow: z.string(),
  platform: z.string(),
  gpu: z.boolean(),
  /** Version of `@tensorflow/tfjs-node-gpu` that the binding and `dist` come from. */
  tfjsNode: z.string(),
  /** Node-API version that the binding was compiled for; every later Node runs it. */
  napi: z.number().int(),
  /** Wheels that the libraries come from, and the compiler that built the binding. */
  wheels: z.array(z.string()),
  compiler: z.string(),
  /** SHA-256 of gearnn's own sources in the addons; engines of an older gearnn have none, run, and take more memory. */
  sources: z.string().optional(),
  /** ISO time of the installation. */
  installed: z.string(),
  files: z.array(File),
});

/** What an installed engine consists of: `manifest.json` in its folder. */
export type EngineManifest = z.infer<typeof Schema>;

/** One file of an engine: its path inside the engine's folder, its size in bytes, its content. */
export type EngineFile = z.infer<typeof File>;

export const MANIFEST = 'manifest.json';

/** Where an engine's parts lie in its folder. */
export const ENGINE_FILES = {
  binding: 'tfjs_binding.node',
  /** Loaded before the binding: quiets TensorFlow's log and sets what its libraries read from the environment. */
  prepare: 'gearnn_prepare.node',
  package: 'tfjs-node-gpu',
  lib: 'lib',
} as const;

/**
 * Reads an engine's manifest.
 *
 * @throws E_ENGINE_DAMAGED if it is missing or not one
 */
export async function readManifest(folder: string): Promise<EngineManifest> {
  const path = join(folder, MANIFEST);
  try {
    return Schema.parse(JSON.parse(await readText(path)));
  } catch (cause) {
    return fail('E_ENGINE_DAMAGED', {
      where: path,
      expected: "an engine's manifest",
      got:
        cause instanceof z.ZodError
          ? z.prettifyError(cause).replace(/\s+/g, ' ')
          : (explainSystemError(cause)?.parts.got ?? (cause as Error).message),
      todo: 'Run gearnn engine install, which replaces it.',
      cause,
    });
  }
}
