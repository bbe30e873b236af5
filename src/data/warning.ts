/** What keeps data from teaching or measuring anything, without being wrong as files. */
export interface Warning {
  kind:
    | 'class-absent'
    | 'class-one-split'
    | 'all-ignored'
    | 'ignored-id'
    | 'one-class'
    | 'one-sample'
    | 'same-image'
    | 'two-classes'
    | 'orientation'
    | 'crop';
  /** The split that it is about; null where it is about several. */
  split: string | null;
  message: string;
}
