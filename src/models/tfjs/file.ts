import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { attempt } from '../../common/outcome.js';
import { readTextSync } from '../../common/text-file.js';
import { inFile } from '../onnx/in-file.js';
import { manifestSchema, readWeights, type Weights } from './weights.js';

const fileSchema = z.object({
  format: z.string().nullish(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: manifestSchema,
});

/** What `model.json` and its shards hold. */
export interface TfjsFile {
  kind: 'graph' | 'layers';
  json: z.infer<typeof fileSchema> & Record<string, unknown>;
  weights: Weights;
}

/** @throws E_TFJS_FILE for a file that is none of TensorFlow.js, or has damaged or missing weights; the system's error where it cannot be read */
export function readTfjsFile(path: string): TfjsFile {
  return inFile(path, () => {
    const json = readJson(path);
    const { data, error } = fileSchema.loose().safeParse(json);
    if (!data) {
      const [issue] = error.issues;
      const got = `${issue!.path.join('.') || 'another form'}: ${issue!.message}`;
      return fail('E_TFJS_FILE', { where: path, expected: EXPECTED, got });
    }
    const kind = 'node' in data.modelTopology ? 'graph' : 'layers';
    return { kind, json: data, weights: readWeights(data.weightsManifest, dirname(path)) };
  });
}

const EXPECTED = 'the model.json of a GraphModel or LayersModel of TensorFlow.js';

function readJson(path: string): unknown {
  // Opening a pipe would wait for whoever writes to it.
  const stats = statSync(path);
  if (!stats.isFile() && !stats.isDirectory())
    fail('E_FILE_KIND', { where: path, expected: 'a file', got: 'a pipe, socket or device' });
  const text = readTextSync(path);
  const json = attempt(() => JSON.parse(text) as unknown);
  return json instanceof Error ? fail('E_TFJS_FILE', { where: path, expected: EXPECTED, got: json.message }) : json;
}
