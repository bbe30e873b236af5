/** An image to infer, and where its mask goes. */
export interface ImageFile {
  path: string;
  /** Beside the output folder: the path below the folder that was named, with `.png` as its extension. */
  mask: string;
}

/** A video to infer. */
export interface VideoSource {
  /** A file, an address, a camera, or `-`. */
  source: string;
  /** Its folder beside the output folder: the file's name without its extension; an address without a path is named by its host. */
  name: string;
}
