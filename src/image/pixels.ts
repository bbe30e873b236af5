/** An image as bytes: row-major, channels interleaved, `data.length = height * width * channels`, values 0..255. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  /** 3: red, green, blue; 1: one gray plane. */
  channels: 1 | 3;
}

/** A class id per pixel: row-major, one byte each, `data.length = height * width`. */
export interface LabelMap {
  data: Uint8Array;
  width: number;
  height: number;
}

/** An object id per pixel, 0 where there is none: row-major, `data.length = height * width`. */
export interface InstanceMap {
  data: Uint16Array;
  width: number;
  height: number;
}
