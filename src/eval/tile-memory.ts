import { fail } from '../common/errors.js';
import type { Size } from '../image/resize.js';
import type { Network } from '../models/network.js';
import { totalParameters } from '../select/items.js';
import { checkTiling, type Tiling, WHOLE_PIXELS } from './tiles.js';

/** A bound of memory, from which follows how many pixels go through a network in one run. */
export interface TileMemory {
  /** Bytes that the process takes at most, by estimate: the program and the network included. */
  memory: number;
}

/**
 * How large pictures are cut: tiles of at most this size; tiles that keep memory within a bound; `auto`: within 1.5 GiB, as far as the network
 * leaves room, and no larger than {@link WHOLE_PIXELS}; `none`: not at all.
 */
export type TileChoice = Tiling | TileMemory | 'auto' | 'none';

const AUTO_MEMORY = 1.5 * 2 ** 30;

/**
 * Bytes before the first picture: those of Node.js with the program and TensorFlow, and how often the values of a network are held at the peak.
 * Measured, as are the shares below, with networks of 1 and of 16 million values and pictures of up to
 * 2 megapixels: docs/large-pictures.md.
 */
const PROGRAM_BYTES = 520 * 2 ** 20;
const COPIES = 1;

/** Bytes per value that is alive at the peak, and per value of all layers: freed, but not yet given back. */
const PEAK_BYTES = 4;
const SUM_BYTES = 1 / 4;

/** Pixels of the smallest tiles that `auto` makes, however large the network is. */
const LEAST_PIXELS = 2 ** 17;

/** Strides along the side of the smallest tile that a bound may lead to. */
const LEAST_STRIDES = 16;

/** How frames are cut, with the bound of memory resolved for a network. */
export interface Cut {
  /** The tiling that was given. */
  tiling: Tiling | undefined;
  /** Pixels that go through the network in one run at most. */
  pixels: number;
}

/**
 * Resolves a choice for a network; pictures of up to {@link WHOLE_PIXELS} go whole where none was made.
 *
 * @throws E_USAGE for a bound that the network alone exceeds, for tiles that are too small or share too much, and for any where pictures are
 *   brought to one size
 */
export function cutOf(network: Network, tile: TileChoice | undefined): Cut {
  const { size } = network.input;
  if (size) return neverCut(size, tile);
  if (tile === undefined) return { tiling: undefined, pixels: WHOLE_PIXELS };
  if (tile === 'none') return { tiling: undefined, pixels: Infinity };
  if (typeof tile === 'object' && !('memory' in tile)) {
    checkTiling(tile, network.input.stride);
    return { tiling: tile, pixels: tile.height * tile.width };
  }
  const { fixed, perPixel } = neededBytes(network);
  const within = (memory: number): number => Math.floor((memory - fixed) / perPixel);
  if (tile === 'auto')
    return { tiling: undefined, pixels: Math.min(WHOLE_PIXELS, Math.max(LEAST_PIXELS, within(AUTO_MEMORY))) };
  const pixels = within(tile.memory);
  const least = (LEAST_STRIDES * network.input.stride) ** 2;
  if (!(pixels >= least)) {
    fail('E_USAGE', {
      where: 'tile',
      expected: `${Math.ceil((fixed + least * perPixel) / 1e6)} MB or more for ${network.spec.name}`,
      got: `${tile.memory / 1e6} MB`,
      todo: 'The larger the tiles, the more of its surroundings a pixel sees, and the less is computed twice.',
    });
  }
  return { tiling: undefined, pixels };
}

/** Of a network that brings pictures of any size to its own. */
function neverCut({ width, height }: Size, tile: TileChoice | undefined): Cut {
  if (typeof tile !== 'object') return { tiling: undefined, pixels: Infinity };
  const got = 'memory' in tile ? `${tile.memory / 1e6} MB` : `${tile.width}x${tile.height}`;
  const expected = `auto or none, as the network brings every picture to ${width}x${height}`;
  return fail('E_USAGE', { where: 'tile', expected, got });
}

/** Memory of a process that answers with a network, by estimate: `fixed` and `perPixel` of one run, in bytes. */
export function neededBytes(network: Network): { fixed: number; perPixel: number } {
  const values = totalParameters(network.parameters);
  const { peak, sum } = network.activations();
  return { fixed: PROGRAM_BYTES + COPIES * 4 * values, perPixel: PEAK_BYTES * peak + SUM_BYTES * sum };
}
