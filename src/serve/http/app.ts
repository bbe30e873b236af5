import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type HTTPMethods,
  LogController,
} from 'fastify';
import { fail } from '../../common/errors.js';
import { readBodies, readContentType } from './bodies.js';
import type { ServerContext } from './context.js';
import { distortRoutes } from './distort.js';
import { sendError } from './errors.js';
import { healthRoutes } from './health.js';
import { inferRoutes } from './infer.js';
import { openapiRoutes } from './openapi.js';
import { pageRoutes } from './page.js';
import { count, refuseConnection, refuseExpectation } from './refusals.js';
import { repositoryRoutes } from './repository.js';
import { sampleRoutes } from './samples.js';
import { segmentRoutes } from './segment.js';
import { spanOf } from './work.js';

/** Each registers some of the server's pages. */
const ROUTES = [
  pageRoutes,
  healthRoutes,
  inferRoutes,
  repositoryRoutes,
  segmentRoutes,
  distortRoutes,
  sampleRoutes,
  metricsRoutes,
  openapiRoutes,
];

/** Milliseconds between two looks for requests that do not arrive. */
const LOOK = 1000;

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The server's pages as an application that does not listen yet. */
export function createApp(context: ServerContext): FastifyInstance {
  const { limits, logger, connections, metrics } = context;
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body,
    requestTimeout: limits.transfer * 1000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // Node would answer these without a body; the first hook does it in the form of all errors.
    http: {
      requireHostHeader: false,
      headersTimeout: limits.transfer * 1000,
      connectionsCheckingInterval: Math.min(LOOK, limits.transfer * 250),
    },
    clientErrorHandler: (error, socket) => refuseConnection(context, error, socket),
    frameworkErrors: (error, request, reply) => {
      void sendError(error, reply, context);
      count(context, reply.statusCode, request.method);
    },
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
  }) as unknown as FastifyInstance;
  // What a client expects beyond 100-continue is nothing that this server does.
  app.server.on('checkExpectation', (request, response) => refuseExpectation(context, request, response));
  connections.watch(app.server, () => metrics.dropped());
  readBodies(app, limits.body);
  app.setErrorHandler<Error>((error, _request, reply) => sendError(error, reply, context));
  app.setNotFoundHandler((request) => {
    fail('E_SERVE_ROUTE', {
      where: 'address',
      expected: 'a page of this server',
      got: `${request.method} ${request.url.slice(0, 100)}`,
      todo: 'GET /docs lists them.',
    });
  });
  app.addHook('onRequest', async (request, reply) => {
    spanOf(request);
    // Comes after every answer and after a client that left without one, which fastify's own hook does not.
    reply.raw.once('close', () => record(context, request, reply));
    checkHeaders(request);
    readContentType(request);
    const { open = false, always = false, rights = ['infer'] } = request.routeOptions.config;
    if (!open) context.access.require(request.headers.authorization, rights);
    if (context.stopping && !always)
      fail('E_SERVE_STOPPING', { where: 'server', expected: 'to run', got: 'a shutdown', todo: 'Ask another one.' });
  });
  // A connection that is kept open would hold up the shutdown.
  app.addHook('onSend', async (request, reply) => {
    connections.answering(request.raw, reply.raw);
    if (context.stopping) void reply.header('connection', 'close');
  });
  routePages(app, context);
  return app;
}

/** @throws E_SERVE_HTTP */
function checkHeaders({ headers, raw }: FastifyRequest): void {
  if (headers.host === undefined && raw.httpVersion === '1.1')
    fail('E_SERVE_HTTP', { where: 'host', expected: 'this header, as HTTP/1.1 demands', got: 'none' });
}

/** Counts and logs a request that has ended. */
function record({ metrics, logger, connections }: ServerContext, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'other';
  // 499 is nginx's number for a client that left; nobody reads it but the logs and the metrics.
  const status = connections.refusal(request.raw.socket) ?? (reply.raw.writableFinished ? reply.statusCode : 499);
  metrics.request(route, request.method, status, reply.elapsedTime / 1000);
  spanOf(request).end(status);
  const level = reply.getHeader('x-gearnn-level');
  logger.info({ method: request.method, route, status, ms: Math.round(reply.elapsedTime), level }, 'request');
}

function metricsRoutes(app: FastifyInstance, { metrics: { registry } }: ServerContext): void {
  app.get('/metrics', { config: { always: true, rights: ['metrics'] } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

/** Routes the pages, and answers 405 with the methods that there are where a page exists but not for this one. */
function routePages(app: FastifyInstance, context: ServerContext): void {
  const pages = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    pages.set(url, new Set([...(pages.get(url) ?? []), ...[method].flat()]));
  });
  for (const register of ROUTES) register(app, context);
  for (const [url, methods] of [...pages]) {
    const allowed = [...methods].join(', ');
    const others = METHODS.filter((method) => !methods.has(method));
    app.route({ url, method: others, handler: (request, reply) => refuseMethod(request.method, allowed, reply) });
  }
}

function refuseMethod(got: string, allowed: string, reply: FastifyReply): never {
  void reply.header('allow', allowed);
  fail('E_SERVE_METHOD', { where: 'method', expected: allowed, got });
}
