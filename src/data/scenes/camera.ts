/** A camera that looks down the street, at a height above the ground. Lengths in metres, screen in pixels. */
export class Camera {
  /** Pixels that one metre takes at one metre's distance. */
  readonly focal: number;
  /** The row of points at eye level. */
  readonly horizon: number;
  /** The column of points straight ahead. */
  readonly center: number;

  constructor(
    width: number,
    height: number,
    /** Metres above the ground. */
    readonly eye: number,
    /** Where the horizon and the street's end lie, as shares of height and width. */
    aim: { horizon: number; center: number },
  ) {
    this.focal = 0.8 * width;
    this.horizon = Math.round(aim.horizon * height);
    this.center = aim.center * width;
  }

  /** Pixels per metre at a distance. */
  scale(z: number): number {
    return this.focal / z;
  }

  /** Column of a point `x` to the right, `z` ahead. */
  column(x: number, z: number): number {
    return this.center + (this.focal * x) / z;
  }

  /** Row of a point `y` above the ground, `z` ahead. */
  row(y: number, z: number): number {
    return this.horizon + (this.focal * (this.eye - y)) / z;
  }

  /** How far ahead the ground at a row below the horizon is. */
  distance(row: number): number {
    return (this.focal * this.eye) / (row + 0.5 - this.horizon);
  }
}
