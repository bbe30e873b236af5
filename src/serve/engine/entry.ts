// The engine process of a server: loads networks and answers the calls of `messages.ts`.
import type { BrokenAdaptor } from '../../adaptor/list.js';
import { startEngine } from '../../engine/start.js';
import { readReference } from '../reference.js';
import { AdaptiveRunner } from '../runner.js';
import { hostEngine } from './host.js';
import type { LoadOptions } from './messages.js';

async function load(
  { reference, ...options }: LoadOptions,
  onBroken: (broken: BrokenAdaptor) => void,
  warn: (message: string) => void,
): Promise<AdaptiveRunner> {
  const brightness = reference === undefined ? undefined : await readReference(reference);
  const runner = await AdaptiveRunner.load({ ...options, reference: brightness, onBroken, warn });
  // What is loaded is ready: no request waits for a graph to be made.
  runner.warmUp();
  return runner;
}

hostEngine({ start: startEngine, load });
