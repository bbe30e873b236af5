// The process in which a worker's steps of experiments run.
import type { EngineOptions } from '../engine/start.js';
import { openStore } from '../pipeline/store/open-store.js';
import { ExperimentSource } from './experiment-source.js';
import { hostSteps } from './host.js';

/** What the process is given, as JSON in its environment. */
export interface EntryOptions extends Pick<EngineOptions, 'engine' | 'threads'> {
  store: string;
}

const { store, ...engine } = JSON.parse(process.env['GEARNN_STEPS']!) as EntryOptions;
hostSteps(new ExperimentSource(await openStore(store), engine));
