import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RIGHTS } from '../access.js';
import { parseRequestJson, withoutNulls } from '../protocol/json.js';
import { wrong } from '../protocol/wrong.js';
import { bytesOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { withoutPaths } from './scrub.js';
import { requireEngine } from '../work.js';

const indexBody = z.object({ ready: z.boolean().optional() });
const changeBody = z.object({
  parameters: z.strictObject({ unload_dependents: z.boolean().optional() }).optional(),
});

interface Named {
  Params: { model: string };
}

/** The model repository extension: which networks and adaptors there are, load one, unload one. */
export function repositoryRoutes(app: FastifyInstance, context: ServerContext): void {
  const { repository, logger } = context;
  app.post('/v2/repository/index', { config: { rights: RIGHTS } }, async (request) => {
    const { ready = false } = readBody(request, indexBody);
    const entries = (await repository.index()).map((entry) => ({
      ...entry,
      reason: withoutPaths(entry.reason, repository.places),
    }));
    return ready ? entries.filter(({ state }) => state === 'READY') : entries;
  });
  app.post<Named>('/v2/repository/models/:model/load', { config: { rights: ['admin'] } }, async (request) => {
    readBody(request, changeBody);
    requireEngine(context);
    await repository.load(request.params.model).catch((error: Error) => {
      logger.warn({ model: request.params.model, reason: error.message }, 'not loaded');
      throw error;
    });
    logger.info({ model: request.params.model }, 'loaded');
    return {};
  });
  app.post<Named>('/v2/repository/models/:model/unload', { config: { rights: ['admin'] } }, async (request) => {
    readBody(request, changeBody);
    requireEngine(context);
    await repository.unload(request.params.model);
    logger.info({ model: request.params.model }, 'unloaded');
    return {};
  });
}

/** The JSON of a request whose body may be left out. */
function readBody<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  const value = withoutNulls(parseRequestJson(bytesOf(request)) ?? {}, ['parameters']);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  wrong(`body ${path.join('.')}`.trim(), 'a request of the model repository extension', message);
}
