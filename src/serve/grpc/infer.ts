import { performance } from 'node:perf_hooks';
import type { ServerContext } from '../http/context.js';
import { requireVersion } from '../describe-served.js';
import { inSequence } from '../protocol/sequence.js';
import { shown, wrong } from '../protocol/wrong.js';
import { answerFrame, type Asking, requireEngine } from '../work.js';
import { inferResponse, type InferMessage, readInferMessage } from './convert.js';

/** Answers a `ModelInferRequest` by a `ModelInferResponse`. @throws what inference over HTTP throws */
export async function inferMessage(context: ServerContext, message: InferMessage, asking: Asking): Promise<object> {
  const { repository, limits } = context;
  const { modelName: model, modelVersion } = message;
  const since = performance.now();
  requireVersion(modelVersion);
  const names = repository.describe(model).outputs.map(({ name }) => name);
  requireEngine(context);
  const asked = inSequence(readInferMessage(message, limits.pixels), asking.sequence);
  for (const { name } of asked.outputs ?? [])
    if (!names.includes(name)) wrong('outputs.name', names.join(' or '), shown(name));
  return inferResponse(model, asked, await answerFrame(context, { ...asked, model, since }, asking));
}
