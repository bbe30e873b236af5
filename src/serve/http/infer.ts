import type { FastifyInstance } from 'fastify';
import { wrong } from '../protocol/wrong.js';
import { writeInferResponse } from '../protocol/response.js';
import { requireAnswers } from '../answer.js';
import { bytesOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { type ModelParams, modelOf, modelPaths } from './health.js';
import { infer, leavingOrLate, requireEngine } from './work.js';

/** Which networks have an output of that name. */
const TASK_OF = { mask: 'segmentation', probabilities: 'classification' } as const;

/** Inference in the Open Inference Protocol. */
export function inferRoutes(app: FastifyInstance, context: ServerContext): void {
  for (const path of modelPaths('/infer')) {
    app.post<{ Params: ModelParams }>(path, async (request, reply) => {
      const model = modelOf(request.params);
      const { task } = context.repository.describe(model);
      requireEngine(context);
      const length = request.headers['inference-header-content-length'];
      if (Array.isArray(length)) wrong('Inference-Header-Content-Length', 'one value', 'several');
      const since = performance.now();
      const waiting = leavingOrLate(reply, context.limits.deadline);
      const asked = await context.reader.read(bytesOf(request), length, waiting);
      const wanted = asked.output && TASK_OF[asked.output];
      if (wanted) requireAnswers(task, wanted, 'outputs.name', `GET /v2/models/${model} names its output.`);
      const answer = await infer(context, request, reply, { ...asked, model, since });
      const { headers, body } = await writeInferResponse(model, asked, answer);
      return reply.headers({ ...headers, 'x-gearnn-level': answer.level }).send(body);
    });
  }
}
