// The engine process of a server: loads networks and answers the calls of `messages.ts`.
import { readFile } from 'node:fs/promises';
import { BrightnessReference } from '../../distort/detect/brightness.js';
import { startEngine } from '../../engine/start.js';
import { decodeImage } from '../../image/decode.js';
import { AdaptiveRunner } from '../runner.js';
import { hostEngine } from './host.js';
import type { LoadOptions } from './messages.js';

async function load({ reference, ...options }: LoadOptions): Promise<AdaptiveRunner> {
  const runner = await AdaptiveRunner.load({ ...options, reference: await referenceOf(reference) });
  // What is loaded is ready: no request waits for a graph to be made.
  runner.warmUp(options.size);
  return runner;
}

async function referenceOf(path: string | undefined): Promise<BrightnessReference | undefined> {
  if (path === undefined) return undefined;
  const brightness = new BrightnessReference();
  brightness.add(await decodeImage(await readFile(path), path));
  return brightness;
}

hostEngine({ start: startEngine, load });
