import { metrics } from '@opentelemetry/api';

/** A server's figures for OpenTelemetry, beside those for Prometheus; nothing is kept in a process without its SDK. */
export interface Instruments {
  /** Seconds. */
  request(route: string, method: string, status: number, seconds: number): void;
  /** Milliseconds. */
  frame(model: string, level: string, times: { waited: number; forward: number; total: number }): void;
}

/** What is looked up whenever figures are sent. */
interface Sources {
  queueLength(): number;
  /** Seconds that a frame that came now would wait. */
  backlog(): number;
}

/** @source OpenTelemetry's semantic conventions for HTTP servers: `http.server.request.duration` */
export function createInstruments(sources: Sources): Instruments {
  const meter = metrics.getMeter('gearnn');
  const seconds = (name: string, description: string) => meter.createHistogram(name, { unit: 's', description });
  const requests = seconds('http.server.request.duration', 'Seconds from a request to its answer.');
  const frames = seconds('gearnn.frame.duration', 'Seconds from the arrival of a frame to its answer.');
  const waited = seconds('gearnn.queue.duration', 'Seconds that a frame waited for the engine.');
  const forward = seconds('gearnn.forward.duration', 'Seconds of the forward pass.');
  const gauge = (name: string, options: { unit: string; description: string }, read: () => number): void =>
    meter.createObservableGauge(name, options).addCallback((result) => result.observe(read()));
  gauge('gearnn.queue.length', { unit: '{request}', description: 'Requests that wait for the engine.' }, () =>
    sources.queueLength(),
  );
  gauge('gearnn.queue.backlog', { unit: 's', description: 'Seconds that a frame that came now would wait.' }, () =>
    sources.backlog(),
  );
  return {
    request(route, method, status, passed) {
      const attributes = { 'http.route': route, 'http.request.method': method, 'http.response.status_code': status };
      requests.record(passed, attributes);
    },
    frame(model, level, times) {
      const attributes = { 'gearnn.model': model, 'gearnn.level': level };
      frames.record(times.total / 1000, attributes);
      waited.record(times.waited / 1000, attributes);
      forward.record(times.forward / 1000, attributes);
    },
  };
}
