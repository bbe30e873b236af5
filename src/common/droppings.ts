/** Names of files and folders that file managers, synchronization and editors leave beside the user's own. */
const DROPPINGS: readonly RegExp[] = [
  // macOS: AppleDouble, Finder, Spotlight, the bin, ZIP's copy of all AppleDoubles.
  /^\._/,
  /^\.DS_Store$/,
  /^\.(AppleDouble|AppleDesktop|LSOverride|Spotlight-V100|Trashes|fseventsd|TemporaryItems|VolumeIcon\.icns|DocumentRevisions-V100)$/,
  /^__MACOSX$/,
  // Windows.
  /^(Thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|\$RECYCLE\.BIN|System Volume Information)$/i,
  // Linux desktops, NFS, FUSE, and the bin of a disk.
  /^\.(directory|hidden|thumbnails|nfs[0-9a-f]+|fuse_hidden\w+|Trash-\d+)$/i,
  // Network storage and synchronization.
  /^@eaDir$/,
  /^(@SynoResource|#recycle|@Recycle|\.@__thumb)$/,
  /^\.(dropbox(\.cache|\.attr)?|sync|stfolder|stversions|~lock\..*)$/,
  // Editors.
  /^~\$/,
  /~$/,
  // What git, DVC and notebooks keep in a folder of data.
  /^\.(git|dvc|ipynb_checkpoints)$/,
];

/** Whether a file or folder of this name is nobody's sample: `._a.png`, `.DS_Store`, `Thumbs.db`, `@eaDir`. */
export function isDropping(name: string): boolean {
  return DROPPINGS.some((pattern) => pattern.test(name));
}

/** Whether one of the parts of a path is a dropping's name. */
export function isInDropping(path: string): boolean {
  return path.split(/[/\\]/).some(isDropping);
}
