import { dirname } from 'node:path';
import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { attempt } from '../../common/outcome.js';
import { readTextSync } from '../../common/text-file.js';
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

/** @throws E_TFJS_FILE for a file that is none of TensorFlow.js, or has damaged or missing weights */
export function readTfjsFile(path: string): TfjsFile {
  const json = attempt(() => JSON.parse(readTextSync(path)) as unknown);
  const { data, error } = fileSchema.loose().safeParse(json);
  if (!data) {
    const issue = error.issues[0];
    fail('E_TFJS_FILE', {
      where: path,
      expected: 'the model.json of a GraphModel or LayersModel of TensorFlow.js',
      got:
        json === undefined ? 'no JSON' : `${issue?.path.join('.') || 'a value'}: ${issue?.message ?? 'another form'}`,
    });
  }
  const kind = 'node' in data.modelTopology ? 'graph' : 'layers';
  return { kind, json: data, weights: readWeights(data.weightsManifest, dirname(path)) };
}
