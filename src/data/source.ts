import type { Dataset } from './dataset.js';
import { openDataset } from './registry.js';

/** How a worker thread opens a dataset for itself: a module whose default export is `(args) => Promise<Dataset>`. */
export interface SampleSource {
  /** File URL of the module, such as `import.meta.url` of a file of yours. */
  module: string;
  /** What the module's function is called with; it is copied to the thread. */
  args: unknown;
}

/** A source of the dataset that `spec` names. */
export function openSource(spec: string): SampleSource {
  return { module: import.meta.url, args: spec };
}

/** Opens a source in the thread that calls it. */
export async function loadSource(source: SampleSource): Promise<Dataset> {
  const module = (await import(source.module)) as { default: (args: unknown) => Promise<Dataset> };
  return module.default(source.args);
}

export default function open(args: unknown): Promise<Dataset> {
  return openDataset(args as string);
}
