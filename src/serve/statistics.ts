/** How often something was done, and for how long altogether. */
export interface Duration {
  count: number;
  /** Nanoseconds. */
  ns: number;
}

/** Times of frames that ran together, in milliseconds. */
export interface BatchTimes {
  input: number;
  infer: number;
}

/** What a network has answered since the server began, as the statistics extension of the Open Inference Protocol has it. */
export interface ModelStatistics {
  name: string;
  version: '1';
  /** Milliseconds since 1970; 0 where there was none. */
  last_inference: number;
  inference_count: number;
  execution_count: number;
  inference_stats: Record<
    'success' | 'fail' | 'queue' | 'compute_input' | 'compute_infer' | 'compute_output',
    Duration
  > &
    Record<'cache_hit' | 'cache_miss', Duration>;
  batch_stats: ({ batch_size: number } & Record<'compute_input' | 'compute_infer' | 'compute_output', Duration>)[];
}

/** Counts and times per network. */
export class Statistics {
  private readonly all = new Map<string, ModelStatistics>();

  /** A frame was answered; times in milliseconds, `total` since its request had arrived. */
  success(model: string, times: BatchTimes & { total: number; queue: number }): void {
    const stats = this.of(model);
    const { inference_stats: parts } = stats;
    add(parts.success, times.total);
    add(parts.queue, times.queue);
    add(parts.compute_input, times.input);
    add(parts.compute_infer, times.infer);
    add(parts.compute_output, 0);
    stats.inference_count += 1;
    stats.last_inference = Date.now();
  }

  /** A frame was taken and not answered, after so many milliseconds. */
  fail(model: string, total: number): void {
    add(this.of(model).inference_stats.fail, total);
  }

  /** Frames ran together. */
  batch(model: string, size: number, times: BatchTimes): void {
    const stats = this.of(model);
    stats.execution_count += 1;
    let row = stats.batch_stats.find(({ batch_size }) => batch_size === size);
    if (!row) {
      row = { batch_size: size, compute_input: none(), compute_infer: none(), compute_output: none() };
      stats.batch_stats.push(row);
    }
    add(row.compute_input, times.input);
    add(row.compute_infer, times.infer);
    add(row.compute_output, 0);
  }

  of(name: string): ModelStatistics {
    const known = this.all.get(name) ?? empty(name);
    this.all.set(name, known);
    return known;
  }
}

function add(duration: Duration, milliseconds: number): void {
  duration.count += 1;
  duration.ns += Math.round(milliseconds * 1e6);
}

function none(): Duration {
  return { count: 0, ns: 0 };
}

function empty(name: string): ModelStatistics {
  return {
    ...{ name, version: '1', last_inference: 0, inference_count: 0, execution_count: 0 },
    inference_stats: {
      ...{ success: none(), fail: none(), queue: none() },
      ...{ compute_input: none(), compute_infer: none(), compute_output: none() },
      ...{ cache_hit: none(), cache_miss: none() },
    },
    batch_stats: [],
  };
}
