/** The tag of IFD0 that says how an image is to be turned. */
const ORIENTATION = 0x0112;

/**
 * How a JPEG, PNG or WebP asks to be turned before it is shown. The server does it, and so do browsers, but not every one for each format: what the
 * page shows is sent turned already.
 *
 * @param {ArrayBuffer} file
 * @returns {number} 1..8 as in EXIF; 1, as it is, where the file says nothing
 */
export function orientationOf(file) {
  // One character a byte, so places in the text are places in the file.
  const text = new TextDecoder('latin1').decode(file);
  const exif = text.search(/Exif\0\0|eXIf|EXIF/);
  const offset = exif < 0 ? -1 : text.slice(exif).search(/II\*\0|MM\0\*/);
  if (offset < 0) return 1;
  const tiff = exif + offset;
  const little = text[tiff] === 'I';
  const view = new DataView(file);
  try {
    const directory = tiff + view.getUint32(tiff + 4, little);
    const entries = view.getUint16(directory, little);
    for (let entry = directory + 2; entry < directory + 2 + 12 * entries; entry += 12)
      if (view.getUint16(entry, little) === ORIENTATION) return view.getUint16(entry + 8, little);
  } catch {
    // The file ends before: it says nothing.
  }
  return 1;
}
