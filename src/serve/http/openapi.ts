import type { FastifyInstance } from 'fastify';
import { docsPage } from './docs-page.js';
import { describeApi } from './openapi-document.js';
import type { ServerContext } from './context.js';

/** The description of every page: as OpenAPI 3.1 for machines and as a page for people. */
export function openapiRoutes(app: FastifyInstance, { limits }: ServerContext): void {
  const open = { config: { open: true } };
  const document = describeApi(limits);
  const page = docsPage(document);
  app.get('/openapi.json', open, () => document);
  app.get('/docs', open, (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
}
