import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { wrong } from '../protocol/tensor.js';
import { bytesOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { requireEngine } from './work.js';
import { withoutMark } from '../../common/text-file.js';

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
  app.post('/v2/repository/index', async (request) => {
    const { ready = false } = readBody(request, indexBody);
    const entries = await repository.index();
    return ready ? entries.filter(({ state }) => state === 'READY') : entries;
  });
  app.post<Named>('/v2/repository/models/:model/load', async (request) => {
    readBody(request, changeBody);
    requireEngine(context);
    await repository.load(request.params.model);
    logger.info({ model: request.params.model }, 'loaded');
    return {};
  });
  app.post<Named>('/v2/repository/models/:model/unload', async (request) => {
    readBody(request, changeBody);
    requireEngine(context);
    await repository.unload(request.params.model);
    logger.info({ model: request.params.model }, 'unloaded');
    return {};
  });
}

/** The JSON of a request whose body may be left out. */
function readBody<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  const text = withoutMark(bytesOf(request).toString('utf8'));
  let value: unknown = {};
  try {
    if (text.trim() !== '') value = JSON.parse(text);
  } catch {
    wrong('body', 'JSON, or nothing', `${text.length} characters that are none`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  wrong(`body ${path.join('.')}`.trim(), 'a request of the model repository extension', message);
}
