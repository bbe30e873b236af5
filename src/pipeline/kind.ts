import { z } from 'zod';
import { readJsonFile } from '../common/json-file.js';

/** What configs of experiments say they are; one that says nothing compares methods over levels. */
const KINDS = ['memory'] as const;
export type ExperimentKind = (typeof KINDS)[number] | 'levels';

const schema = z.looseObject({
  kind: z
    .enum(KINDS, { error: `expected ${KINDS.map((kind) => `"${kind}"`).join(' or ')}, or no "kind" for levels` })
    .optional(),
});

/**
 * Which kind of experiment a config file is of; the rest of it is not looked at.
 *
 * @throws E_PIPELINE_CONFIG if the file is missing, not JSON, or of no known kind
 */
export async function readKind(path: string): Promise<ExperimentKind> {
  const { kind } = await readJsonFile(path, schema, {
    code: 'E_PIPELINE_CONFIG',
    expected: 'the config of an experiment',
    todo: 'docs/config.md explains every field.',
  });
  return kind ?? 'levels';
}
