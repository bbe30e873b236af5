import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encodePng } from '../../src/image/encode.js';
import { SERVICE } from '../../src/serve/grpc/calls.js';
import { onTensorflow } from '../support/engines.js';
import { ROOT } from '../support/sources.js';
import { Served } from './support/served.js';

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number | string; doubleValue?: number };
}

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code?: number };
}

/** Has a command say when it loads OpenTelemetry's SDK. */
const TELLING = `--import=${pathToFileURL(join(ROOT, 'test/serve/support/tell-telemetry.mjs')).href}`;

/** What collectors of OpenTelemetry take: OTLP over HTTP, in JSON. */
class Collector {
  readonly spans: SentSpan[] = [];
  readonly metrics = new Set<string>();
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (piece: Buffer) => (text += piece.toString()));
      request.on('end', () => {
        own.take(request.url!, JSON.parse(text));
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    const own = new Collector(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return own;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(url: string, body: Record<string, unknown[]>): void {
    type Scoped = Record<string, Record<string, unknown[]>[]>;
    if (url === '/v1/traces')
      for (const { scopeSpans } of body['resourceSpans'] as Scoped[])
        for (const { spans } of scopeSpans!) this.spans.push(...(spans as SentSpan[]));
    if (url === '/v1/metrics')
      for (const { scopeMetrics } of body['resourceMetrics'] as Scoped[])
        for (const { metrics } of scopeMetrics!)
          for (const { name } of metrics as { name: string }[]) this.metrics.add(name);
  }
}

/** The attributes of a span, by name. */
function about({ attributes }: SentSpan): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue ?? value.doubleValue)]),
  );
}

onTensorflow('serve: OpenTelemetry', () => {
  let collector: Collector;
  before(async () => {
    collector = await Collector.start();
  });
  after(() => collector.close());
  let served: Served | undefined;
  afterEach(() => served?.end());

  it("a request's trace goes on from the caller's through queue and engine, and figures are sent", async () => {
    served = await Served.startWith(
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'none',
        NODE_OPTIONS: TELLING,
      },
      '--grpc-port',
      '0',
    );
    const image = await encodePng({ width: 64, height: 48, channels: 3, data: new Uint8Array(64 * 48 * 3).fill(90) });
    const [trace, caller] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const traceparent = `00-${trace}-${caller}-01`;
    const answer = await fetch(`${served.url}/v1/segment?level=clean`, {
      method: 'POST',
      body: Buffer.from(image),
      headers: { traceparent },
    });
    expect(answer.status).to.equal(200);
    expect(
      (await fetch(`${served.url}/v1/segment`, { method: 'POST', body: 'no image', headers: { traceparent } })).status,
    ).to.equal(415);
    await live(await served.grpcPort(), traceparent);
    // What is left is sent when the server ends.
    expect(await served.end(), served.err).to.equal(0);
    expect(served.err).to.contain('loads the SDK');

    const own = collector.spans.filter(({ traceId }) => traceId === trace);
    const [request, refused] = own.filter(({ name }) => name === 'POST /v1/segment');
    expect([request!.parentSpanId, request!.kind]).to.deep.equal([caller, 2]);
    expect(about(request!)).to.include({
      'http.request.method': 'POST',
      'http.route': '/v1/segment',
      'http.response.status_code': 200,
    });
    expect(about(refused!)).to.include({ 'http.response.status_code': 415 });
    const parts = ['queue', 'engine'].map((name) => own.find((span) => span.name === name)!);
    for (const part of parts) {
      expect(part.parentSpanId).to.equal(request!.spanId);
      expect(about(part)).to.include({ 'gearnn.model': 'demo', 'gearnn.level': 'clean' });
    }
    // One after the other, within the request.
    const times = [request!, ...parts].map((span) => [span.startTimeUnixNano, span.endTimeUnixNano].map(BigInt));
    const [[from, to], [came, began], [since, done]] = times as [bigint[], bigint[], bigint[]];
    const order = [from!, came!, began!, since!, done!, to!];
    // The clock of the day and that of the process differ by less.
    order.slice(1).forEach((time, i) => expect(Number(time - order[i]!), `step ${i}`).to.be.above(-5e6));
    expect(about(parts[1]!)['gearnn.forward_ms']).to.be.above(0);
    const rpc = own.find(({ name }) => name.startsWith('inference.GRPC'))!;
    expect(rpc.parentSpanId).to.equal(caller);
    expect(about(rpc)).to.include({ 'rpc.system': 'grpc', 'rpc.method': `${SERVICE.slice(1)}/ServerLive` });
    expect([...collector.metrics]).to.include.members([
      'http.server.request.duration',
      'gearnn.frame.duration',
      'gearnn.queue.length',
    ]);
  });

  it('no SDK is loaded where no variable asks for it, and all is answered', async () => {
    const unset = Object.keys(process.env).filter((name) => name.startsWith('OTEL_'));
    served = await Served.startWith({
      ...Object.fromEntries(unset.map((name) => [name, undefined])),
      // It alone says nothing about where to send to.
      ...{ OTEL_SERVICE_NAME: 'fleet', NODE_OPTIONS: TELLING },
    });
    const image = await encodePng({ width: 64, height: 48, channels: 3, data: new Uint8Array(64 * 48 * 3).fill(90) });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const body = Buffer.from(image);
    const answer = await fetch(`${served.url}/v1/segment`, { method: 'POST', body, headers: { traceparent } });
    expect(answer.status).to.equal(200);
    expect(await (await fetch(`${served.url}/metrics`)).text()).to.match(/^gearnn_frame_seconds_count.* 1$/m);
    expect(await served.end()).to.equal(0);
    expect(served.err).to.not.contain('loads the SDK');
  });

  it('nothing is sent, and no SDK is loaded, where OTEL_SDK_DISABLED says so', async () => {
    const before = collector.spans.length;
    const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true', NODE_OPTIONS: TELLING };
    served = await Served.startWith(disabled);
    expect((await fetch(`${served.url}/v2/health/live`)).status).to.equal(200);
    expect(await served.end()).to.equal(0);
    expect(served.err).to.not.contain('loads the SDK');
    expect(collector.spans.length).to.equal(before);
  });
});

/** Asks over gRPC whether a server lives. */
async function live(port: number, traceparent: string): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('traceparent', traceparent);
  const bytes = (value: Buffer): Buffer => value;
  await new Promise<void>((resolve, reject) => {
    client.makeUnaryRequest(`${SERVICE}/ServerLive`, bytes, bytes, Buffer.alloc(0), metadata, (error) =>
      error ? reject(error) : resolve(),
    );
  }).finally(() => client.close());
}
