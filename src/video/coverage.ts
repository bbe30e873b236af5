/** A packet of any stream as it lies in the file. */
export interface PlacedPacket {
  /** Its first byte; negative where nobody knows. */
  position: number;
  size: number;
  /** Whether it is of the pictures. */
  isOurs: boolean;
}

/** A hole counts for the frames of so many packets: decoders hold some back. */
const WINDOW = 64;
/** A frame that is missing leaves at least this part of the mean size of a frame unread. */
const LEAST_PART = 0.3;
/** Fewer bytes are headers. */
const LEAST_BYTES = 200;

/** Bytes of sound in a transport stream that are read as a packet only after pictures that stand behind them. */
const LATE = 4096;
/** Holes that are taken together there. */
const RECENT = 8;
/** A transport stream's packets hold so many bytes, of so many; between them stand tables. @source ISO/IEC 13818-1 */
const [PAYLOAD, CELL, TABLES, PES_HEADER] = [184, 188, 3 * 188, 19];

/**
 * Which bytes of a file were read as packets. FFmpeg passes over what is damaged without a word; a pause between two frames and frames
 * that are lost look alike by their times, but only of these the bytes are there.
 */
export class Coverage {
  private position = -1;
  /** Bytes read as packets since {@link position}. */
  private read = 0;
  private packets = 0;
  private hasOthers = false;
  private bytes = 0;
  private holes: { packet: number; bytes: number }[] = [];

  /** @param isTransport whether packets lie in an MPEG transport stream, cut into small cells */
  constructor(private readonly isTransport = false) {}

  add({ position, size, isOurs }: PlacedPacket): void {
    if (isOurs && position >= 0 && position !== this.position) {
      if (this.position >= 0)
        this.holes.push({
          packet: this.packets,
          bytes: position - this.position - this.read - (this.isTransport ? TABLES : 0),
        });
      this.holes = this.holes.filter(({ packet }) => this.packets - packet < WINDOW);
      this.position = position;
      this.read = 0;
    }
    this.read += this.isTransport ? cellsOf(size, isOurs) : size;
    this.hasOthers ||= !isOurs;
    if (!isOurs) return;
    this.packets++;
    this.bytes += size;
  }

  /** Whether bytes of so many frames were passed over of late; says so once. */
  misses(frames: number): boolean {
    const least = Math.max(LEAST_BYTES, (LEAST_PART * frames * this.bytes) / Math.max(1, this.packets));
    if (this.isTransport && this.hasOthers) return this.missesAmongOthers(least + LATE);
    const at = this.holes.findIndex(({ bytes }) => bytes >= least);
    if (at < 0) return false;
    this.holes.splice(at, 1);
    return true;
  }

  /** What is read late lies in one hole, and fills more than another. */
  private missesAmongOthers(least: number): boolean {
    const recent = this.holes.slice(-RECENT);
    if (recent.reduce((sum, { bytes }) => sum + bytes, 0) < least) return false;
    this.holes = [];
    return true;
  }
}

/** Bytes of a transport stream that a packet may take. Where there is sound, tables come in a pause of the pictures too. */
function cellsOf(size: number, isOurs: boolean): number {
  return Math.ceil((size + PES_HEADER) / PAYLOAD) * CELL + (isOurs ? 0 : 2 * CELL);
}
