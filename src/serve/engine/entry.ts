// The engine process of a server: loads networks and answers the calls of `messages.ts`.
import { startEngine } from '../../engine/start.js';
import { readReference } from '../reference.js';
import { AdaptiveRunner } from '../runner.js';
import { hostEngine } from './host.js';
import type { LoadOptions } from './messages.js';

async function load({ reference, ...options }: LoadOptions): Promise<AdaptiveRunner> {
  if (reference === undefined) return AdaptiveRunner.load(options);
  return AdaptiveRunner.load({ ...options, reference: await readReference(reference) });
}

hostEngine({ start: startEngine, load });
