// The engine process of a server: loads networks and answers the calls of `messages.ts`.
import { readFile } from 'node:fs/promises';
import { BrightnessReference } from '../../distort/detect/brightness.js';
import { startEngine } from '../../engine/start.js';
import { decodeImage } from '../../image/decode.js';
import { AdaptiveRunner } from '../runner.js';
import { hostEngine } from './host.js';
import type { LoadOptions } from './messages.js';

async function load({ reference, ...options }: LoadOptions): Promise<AdaptiveRunner> {
  if (reference === undefined) return AdaptiveRunner.load(options);
  const brightness = new BrightnessReference();
  brightness.add(await decodeImage(await readFile(reference), reference));
  return AdaptiveRunner.load({ ...options, reference: brightness });
}

hostEngine({ start: startEngine, load });
