/** 256 colours, `[256, 3]`: from the lowest value to the highest. */
export type ColorMap = Uint8Array;

/** Dark blue over green to yellow: equal steps of value look equally far apart, and brighter is always more. @source matplotlib's viridis */
export const SEQUENTIAL = between(
  ...['440154', '482878', '3e4989', '31688e', '26828e', '1f9e89', '35b779', '6ece58', 'b5de2b', 'fde725'],
);

/** Blue for below, white for the middle, red for above. @source ColorBrewer's RdBu, turned round */
export const DIVERGING = between(
  ...['053061', '2166ac', '4393c3', '92c5de', 'd1e5f0', 'f7f7f7', 'fddbc7', 'f4a582', 'd6604d', 'b2182b', '67001f'],
);

/** Straight lines between colours at equal distances. */
function between(...colors: string[]): ColorMap {
  const anchors = colors.map((color) => [...Buffer.from(color, 'hex')]);
  const map = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (anchors.length - 1);
    const before = Math.min(Math.floor(at), anchors.length - 2);
    for (let c = 0; c < 3; c++) {
      const [from, to] = [anchors[before]![c]!, anchors[before + 1]![c]!];
      map[3 * i + c] = Math.round(from + (to - from) * (at - before));
    }
  }
  return map;
}
