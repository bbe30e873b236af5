import type { FastifyInstance } from 'fastify';
import { shown, wrong } from '../protocol/wrong.js';
import { inSequence, SEQUENCE } from '../protocol/sequence.js';
import { writeInferResponse } from '../protocol/response.js';
import { bytesOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { type ModelParams, modelOf, modelPaths } from './health.js';
import { requireEngine } from '../work.js';
import { infer, leavingOrLate } from './work.js';

/** Inference in the Open Inference Protocol. */
export function inferRoutes(app: FastifyInstance, context: ServerContext): void {
  for (const path of modelPaths('/infer')) {
    app.post<{ Params: ModelParams }>(path, async (request, reply) => {
      const model = modelOf(request.params);
      const names = context.repository.describe(model).outputs.map(({ name }) => name);
      requireEngine(context);
      const length = request.headers['inference-header-content-length'];
      if (Array.isArray(length)) wrong('Inference-Header-Content-Length', 'one value', 'several');
      const since = performance.now();
      const waiting = leavingOrLate(reply, context.limits.deadline);
      const read = await context.reader.read(bytesOf(request), length, waiting);
      const asked = inSequence(read, request.headers[SEQUENCE]);
      for (const { name } of asked.outputs ?? []) {
        if (!names.includes(name)) wrong('outputs.name', names.join(' or '), shown(name));
      }
      const answer = await infer(context, request, reply, { ...asked, model, since });
      const { headers, body } = await writeInferResponse(model, asked, answer);
      return reply
        .headers({ ...headers, 'x-gearnn-level': answer.level, 'x-gearnn-version': answer.version })
        .send(body);
    });
  }
}
