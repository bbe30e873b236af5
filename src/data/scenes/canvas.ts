export type Color = readonly [red: number, green: number, blue: number];
export type Point = readonly [x: number, y: number];

/** How a shape is painted. */
export interface Paint {
  color: Color;
  /** The class of its pixels. */
  label: number;
  /** The object that they belong to. Default: 0, none. */
  instance?: number;
  /** Metres away, for the haze. */
  z: number;
  /** Brightness to add at a pixel. Default: none. */
  tone?: (x: number, y: number) => number;
}

/** Image, classes and objects painted together; what comes later covers what was there. */
export class Canvas {
  /** `[height, width, 3]`, not yet limited to 0..255. */
  readonly rgb: Float32Array;
  readonly labels: Uint8Array;
  readonly instances: Uint16Array;

  constructor(
    readonly width: number,
    readonly height: number,
    /** The colour that distant things fade to. */
    private readonly haze: Color,
  ) {
    this.rgb = new Float32Array(width * height * 3);
    this.labels = new Uint8Array(width * height);
    this.instances = new Uint16Array(width * height);
  }

  /** What is left of a colour that comes from `z` metres away, 0..1; the rest is haze. */
  clearness(z: number): number {
    return Math.exp(-z / 160);
  }

  /**
   * One pixel within the canvas.
   *
   * @param tone brightness to add
   * @param clear from {@link clearness}
   */
  put(x: number, y: number, color: Color, tone: number, label: number, instance: number, clear: number): void {
    const at = y * this.width + x;
    const { rgb, haze } = this;
    rgb[at * 3] = (color[0] + tone) * clear + haze[0] * (1 - clear);
    rgb[at * 3 + 1] = (color[1] + tone) * clear + haze[1] * (1 - clear);
    rgb[at * 3 + 2] = (color[2] + tone) * clear + haze[2] * (1 - clear);
    this.labels[at] = label;
    this.instances[at] = instance;
  }

  /** The pixels whose centres lie between two corners. */
  rectangle([left, top]: Point, [right, bottom]: Point, paint: Paint): void {
    const [x0, x1] = span(left, right, this.width);
    const [y0, y1] = span(top, bottom, this.height);
    for (let y = y0; y < y1; y++) this.row(y, x0, x1, paint);
  }

  /** The pixels whose centres lie in a polygon. */
  polygon(points: readonly Point[], paint: Paint): void {
    const rows = points.map(([, y]) => y);
    const [y0, y1] = span(Math.min(...rows), Math.max(...rows), this.height);
    for (let y = y0; y < y1; y++) {
      const crossings = crossingsAt(points, y + 0.5);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const [x0, x1] = span(crossings[i]!, crossings[i + 1]!, this.width);
        this.row(y, x0, x1, paint);
      }
    }
  }

  /**
   * The pixels whose centres lie in an ellipse.
   *
   * @param edge how ragged the outline is: added to the squared distance from the middle (1 on the outline)
   */
  ellipse([x, y]: Point, width: number, height: number, paint: Paint, edge?: (x: number, y: number) => number): void {
    const room = edge ? 1.25 : 1;
    const [x0, x1] = span(x - (width / 2) * room, x + (width / 2) * room, this.width);
    const [y0, y1] = span(y - (height / 2) * room, y + (height / 2) * room, this.height);
    for (let py = y0; py < y1; py++) {
      for (let px = x0; px < x1; px++) {
        const [dx, dy] = [(px + 0.5 - x) / (width / 2), (py + 0.5 - y) / (height / 2)];
        if (dx * dx + dy * dy + (edge ? edge(px, py) : 0) < 1) this.row(py, px, px + 1, paint);
      }
    }
  }

  /** Pixels `from` to before `to` of a row. */
  private row(y: number, from: number, to: number, { color, label, instance = 0, z, tone }: Paint): void {
    const clear = this.clearness(z);
    for (let x = from; x < to; x++) this.put(x, y, color, tone ? tone(x, y) : 0, label, instance, clear);
  }
}

/** Whole pixels whose centres lie between two edges, within `0..limit`. */
export function span(from: number, to: number, limit: number): [first: number, end: number] {
  return [Math.max(0, Math.ceil(from - 0.5)), Math.min(limit, Math.ceil(to - 0.5))];
}

function crossingsAt(points: readonly Point[], y: number): number[] {
  const crossings: number[] = [];
  points.forEach(([x1, y1], i) => {
    const [x2, y2] = points[(i + 1) % points.length]!;
    if (y1 <= y !== y2 <= y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  });
  return crossings.sort((a, b) => a - b);
}
