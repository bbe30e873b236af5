import { activation } from './activation.js';
import { convolution } from './convolution.js';
import { core } from './core.js';
import type { LayerFamily, LayerTranslation } from './layer.js';
import { picture } from './picture.js';

const FAMILIES: readonly LayerFamily[] = [activation, convolution, core, picture];

const LAYERS: ReadonlyMap<string, LayerTranslation> = new Map(FAMILIES.flatMap((family) => Object.entries(family)));

/** How a layer is translated, by the name of its class; undefined where it is not. */
export function layerTranslation(className: string): LayerTranslation | undefined {
  return LAYERS.get(className);
}

/** Classes of all layers that are translated, sorted. */
export function translatedLayers(): string[] {
  return [...LAYERS.keys()].sort();
}
