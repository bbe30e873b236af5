import { context, propagation, trace, SpanKind, SpanStatusCode, type Context, type Span } from '@opentelemetry/api';

/** By which requests are traced; it does nothing in a process without OpenTelemetry's SDK. */
const tracer = trace.getTracer('gearnn');

/** A request under way. */
export interface RequestSpan {
  /** What is done for it is its child in this. */
  readonly context: Context;
  /** @param status HTTP's, of gRPC's calls too */
  end(status: number): void;
}

/** How a request came, and what came with it. */
export interface Incoming {
  /** `POST`, or `gRPC`. */
  method: string;
  /** The page's pattern: `/v2/models/:name/infer`. */
  route: string;
  /** Headers or metadata, in small letters: `traceparent` names who called. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** How a frame went, in milliseconds. */
export interface FrameTimes {
  /** `performance.now()` when it came to the queue. */
  since: number;
  waited: number;
  timings: Readonly<Record<string, number>>;
}

/**
 * Begins the span of a request, a child of the caller's.
 *
 * @source OpenTelemetry's semantic conventions for HTTP and RPC servers, 1.23 and later
 */
export function startRequest({ method, route, headers }: Incoming): RequestSpan {
  const caller = propagation.extract(context.active(), headers);
  const attributes =
    method === 'gRPC'
      ? { 'rpc.system': 'grpc', 'rpc.method': route.slice(1) }
      : { 'http.request.method': method, 'http.route': route };
  const name = method === 'gRPC' ? route.slice(1) : `${method} ${route}`;
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, caller);
  return {
    context: trace.setSpan(caller, span),
    end(status) {
      span.setAttribute(method === 'gRPC' ? 'gearnn.status' : 'http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** Notes a frame that was answered: how long it waited, and how long the engine took for it. */
export function noteFrame(parent: Context, model: string, level: string, { since, waited, timings }: FrameTimes): void {
  const attributes = { 'gearnn.model': model, 'gearnn.level': level };
  const began = since + waited;
  note(parent, 'queue', [since, began], attributes);
  const parts = Object.entries(timings).map(([name, value]) => [`gearnn.${name}_ms`, value] as const);
  note(parent, 'engine', [began, performance.now()], { ...attributes, ...Object.fromEntries(parts) });
}

/** Notes why a frame has no answer. */
export function noteFailure(parent: Context, model: string, error: Error): void {
  const span: Span | undefined = trace.getSpan(parent);
  span?.setAttribute('gearnn.model', model);
  span?.recordException(error);
}

/** A span of which both ends are known, as `performance.now()` has them. */
function note(
  parent: Context,
  name: string,
  ends: [from: number, to: number],
  attributes: Record<string, string | number>,
): void {
  const [startTime, end] = ends.map((time) => performance.timeOrigin + time) as [number, number];
  tracer.startSpan(name, { startTime, attributes }, parent).end(end);
}
