/** One image of the evaluated split at one level, and what each method made of it. */
export interface FrameExample {
  /** The sample's id. */
  id: string;
  level: string;
  width: number;
  height: number;
  /** The image as the networks saw it, as a data URI. */
  image: string;
  /** Label maps in the classes' colours, as data URIs. */
  truth: string;
  masks: Readonly<Record<string, string>>;
}
