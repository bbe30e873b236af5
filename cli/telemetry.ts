import type { Context } from './context.js';

/** Variables of which one turns OpenTelemetry on. */
const VARIABLES = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_METRICS_EXPORTER',
];

/**
 * Starts OpenTelemetry's Node SDK where its own environment variables configure it; without the package there is a warning, and no traces.
 *
 * @returns sends what has not been sent yet, and ends
 */
export async function startTelemetry({ note }: Pick<Context, 'note'>): Promise<() => Promise<void>> {
  const variable = VARIABLES.find((name) => process.env[name]);
  if (variable === undefined || process.env['OTEL_SDK_DISABLED'] === 'true') return async () => {};
  const sdk = await import('@opentelemetry/sdk-node').catch(() => undefined);
  if (!sdk) {
    note(
      `warning: ${variable} is set, but there is no OpenTelemetry SDK; npm install @opentelemetry/sdk-node adds it.`,
    );
    return async () => {};
  }
  const node = new sdk.NodeSDK({ serviceName: process.env['OTEL_SERVICE_NAME'] ?? 'gearnn', instrumentations: [] });
  node.start();
  return () =>
    node.shutdown().catch((error: Error) => note(`warning: traces and metrics may be lost: ${error.message}`));
}
