import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createInstruments, type Instruments } from './telemetry/instruments.js';

/** What the figures that are not counted but looked up are read from. */
export interface MetricSources {
  queueLength(): number;
  /** Seconds that a frame that came now would wait. */
  backlog(): number;
  engineReady(): boolean;
  /** Networks and adaptors that are to be served but cannot be loaded. */
  broken(): readonly string[];
  /** Whether the bucket that adaptors come from can be read; undefined where they come from none. */
  isBucketReached?(): boolean;
  /** Versions of the networks and adaptors that answer, by name: `demo`, `demo:jpeg=10`. */
  versions(): Record<string, string>;
  /** Bytes by part: `base` and `adaptors` (their tensors), `engine` and `server` (the processes). */
  residentBytes(): Record<string, number>;
}

/** Seconds: from a small network on a GPU to a queue that is nearly too long. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A server's figures in Prometheus' text format. Each server has its own. */
export class Metrics {
  readonly registry = new Registry();
  private readonly requests: Counter<'route' | 'method' | 'status'>;
  private readonly latency: Histogram<'route'>;
  private readonly frames: Counter<'model' | 'level'>;
  private readonly swaps: Counter<'model'>;
  private readonly waited: Histogram;
  private readonly forward: Histogram;
  private readonly batches: Histogram;
  private readonly busy: Counter;
  private readonly answered: Histogram<'model' | 'level'>;
  private readonly restarts: Counter;
  private readonly changes: Counter<'model' | 'change'>;
  private readonly drops: Counter;
  private readonly instruments: Instruments;
  /** Level of each network's latest frame. */
  private readonly latest = new Map<string, string>();

  constructor(sources: MetricSources) {
    this.instruments = createInstruments(sources);
    const registers = [this.registry];
    const counter = <T extends string>(name: string, help: string, labelNames: T[] = []): Counter<T> =>
      new Counter({ name, help, labelNames, registers });
    const histogram = <T extends string>(name: string, help: string, buckets = BUCKETS, labelNames: T[] = []) =>
      new Histogram<T>({ name, help, buckets, labelNames, registers });
    this.requests = counter('gearnn_requests_total', 'Requests by route, method and status.', [
      'route',
      'method',
      'status',
    ]);
    this.latency = histogram('gearnn_request_seconds', 'Seconds from a request to its answer.', BUCKETS, ['route']);
    this.frames = counter('gearnn_frames_total', 'Frames inferred, by the level of the adaptor.', ['model', 'level']);
    this.swaps = counter('gearnn_swaps_total', 'Frames that ran with another adaptor than the one before.', ['model']);
    this.waited = histogram('gearnn_queue_seconds', 'Seconds that a frame waited for the engine.');
    this.forward = histogram('gearnn_forward_seconds', 'Seconds of the forward pass.');
    this.answered = histogram(
      'gearnn_frame_seconds',
      'Seconds from the arrival of a frame to its answer, by the level of the adaptor.',
      BUCKETS,
      ['model', 'level'],
    );
    this.busy = counter(
      'gearnn_engine_busy_seconds_total',
      'Seconds in which the engine ran frames: its rate is the utilisation.',
    );
    this.batches = histogram('gearnn_batch_frames', 'Frames that ran together.', [1, 2, 4, 8, 16, 32]);
    this.restarts = counter(
      'gearnn_engine_restarts_total',
      'Times that the engine process ended and was started again.',
    );
    this.changes = counter(
      'gearnn_adaptor_changes_total',
      'Adaptors whose folder changed while it was watched: loaded, removed, or refused, with which nothing changes.',
      ['model', 'change'],
    );
    this.drops = counter('gearnn_connections_dropped_total', 'Connections closed at once, as too many were open.');
    const gauge = (name: string, help: string, read: () => number): Gauge =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    gauge('gearnn_queue_length', 'Requests that wait for the engine.', sources.queueLength);
    gauge('gearnn_queue_backlog_seconds', 'Seconds that a frame that came now would wait.', sources.backlog);
    gauge('gearnn_engine_ready', 'Whether the engine process answers: 1 or 0.', () => Number(sources.engineReady()));
    const { isBucketReached } = sources;
    if (isBucketReached)
      gauge('gearnn_bucket_reached', 'Whether the bucket of the adaptors could be read at the last look: 1 or 0.', () =>
        Number(isBucketReached()),
      );
    new Gauge({
      name: 'gearnn_broken',
      help: 'Networks and adaptors that are to be served but cannot be loaded: 1 for each.',
      labelNames: ['model'],
      registers,
      collect() {
        this.reset();
        for (const model of sources.broken()) this.set({ model }, 1);
      },
    });
    new Gauge({
      name: 'gearnn_version',
      help: 'Networks and adaptors that answer, with the version of their files: 1 for each.',
      labelNames: ['model', 'version'],
      registers,
      collect() {
        this.reset();
        for (const [model, version] of Object.entries(sources.versions())) this.set({ model, version }, 1);
      },
    });
    new Gauge({
      name: 'gearnn_resident_bytes',
      help: 'Bytes in memory: tensors of the base and of the adaptors, the engine process, the server process.',
      labelNames: ['part'],
      registers,
      collect() {
        for (const [part, bytes] of Object.entries(sources.residentBytes())) this.set({ part }, bytes);
      },
    });
  }

  /** A request was answered. */
  request(route: string, method: string, status: number, seconds: number): void {
    this.requests.inc({ route, method, status });
    this.latency.observe({ route }, seconds);
    this.instruments.request(route, method, status, seconds);
  }

  /** A frame was inferred; times in milliseconds. */
  frame(model: string, level: string, times: { waited: number; forward: number; total: number }): void {
    const { waited, forward, total } = times;
    this.instruments.frame(model, level, times);
    this.answered.observe({ model, level }, total / 1000);
    this.frames.inc({ model, level });
    const before = this.latest.get(model);
    if (before !== level) this.swaps.inc({ model }, before === undefined ? 0 : 1);
    this.latest.set(model, level);
    this.waited.observe(waited / 1000);
    this.forward.observe(forward / 1000);
  }

  /** Frames ran together; in seconds. */
  batch(frames: number, seconds: number): void {
    this.batches.observe(frames);
    this.busy.inc(seconds);
  }

  adaptorChanged(model: string, change: string): void {
    this.changes.inc({ model, change });
  }

  dropped(): void {
    this.drops.inc();
  }

  restarted(): void {
    this.restarts.inc();
  }
}
