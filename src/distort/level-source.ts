import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { enlargedSource, type InferSize } from '../data/enlarged-source.js';
import { openSource, type SampleSource } from '../data/source.js';
import { parseLevel } from './level.js';
import { distortedSource } from './source.js';

/** Where the frames of a level come from, and at which size they are read. */
export interface LevelData {
  data: string;
  prepared?: string;
  inferSize?: InferSize;
}

/** The frames of a level: a prepared copy where there is one, else distorted as they are read. */
export function sourceAt({ inferSize, ...place }: LevelData, level: string): SampleSource {
  const source = receivedSource(place, level);
  return inferSize === 'original' ? enlargedSource(source, openSource(place.data)) : source;
}

function receivedSource({ data, prepared }: LevelData, level: string): SampleSource {
  if (prepared && existsSync(join(prepared, level, 'dataset.json'))) return openSource(`list:${join(prepared, level)}`);
  return distortedSource(data, parseLevel(level));
}
