/** A file, whatever it is called. */
export class SimulatedFile {
  /** What is read. */
  bytes: Uint8Array;
  /** What was on the disk when the disk was made. */
  readonly base: Uint8Array;

  constructor(base: Uint8Array = new Uint8Array()) {
    this.base = base;
    this.bytes = base;
  }
}

/** A folder, whatever it is called. */
export class SimulatedFolder {
  readonly entries: Map<string, SimulatedNode>;
  readonly base: ReadonlyMap<string, SimulatedNode>;

  constructor(base: ReadonlyMap<string, SimulatedNode> = new Map()) {
    this.base = base;
    this.entries = new Map(base);
  }
}

export type SimulatedNode = SimulatedFile | SimulatedFolder;

/** Something that was done and is on the disk itself once it was synced: bytes of a file, or names in a folder. */
export type Effect = {
  readonly createdAt: number;
  /** When it was synced, infinite before. */
  syncedAt: number;
  /** Whether its sync failed: it is read back as if it were written, and no later sync writes it. */
  isSyncFailed: boolean;
} & (
  | { readonly what: 'write'; readonly file: SimulatedFile; readonly at: number; readonly bytes: Uint8Array }
  | {
      readonly what: 'naming';
      readonly folder: SimulatedFolder;
      readonly names: readonly (readonly [name: string, node: SimulatedNode | undefined])[];
    }
);

/** What a power cut leaves of an effect that was not synced: all, nothing, a half with zeros for the other, or zeros. */
export type WriteOutcome = 'kept' | 'lost' | 'head' | 'start' | 'tail' | 'zeros';

/**
 * A disk with a cache, as an operating system shows it. What was not synced a power cut may take back, each effect by
 * itself: bytes need a sync of their file, names one of their folder, and only within one folder does a rename happen
 * as a whole. Every moment is remembered, so that the power can be cut afterwards at any of them.
 */
export class SimulatedDisk {
  readonly root: SimulatedFolder;
  /** How many bytes all files may have together. */
  capacity = Number.POSITIVE_INFINITY;
  readonly #effects: Effect[] = [];
  #clock = 0;

  constructor(root: SimulatedFolder = new SimulatedFolder()) {
    this.root = root;
  }

  /** The present moment; it passes with everything that is done. */
  get moment(): number {
    return this.#clock;
  }

  /** How many bytes can be written. */
  get freeBytes(): number {
    return this.capacity === Number.POSITIVE_INFINITY ? 2 ** 40 : this.capacity - countBytes(this.root);
  }

  append(file: SimulatedFile, bytes: Uint8Array): void {
    const at = file.bytes.length;
    // Whoever wrote it may use the buffer again.
    const own = bytes.slice();
    file.bytes = spliceBytes(file.bytes, at, own, own.length);
    this.#effects.push({ what: 'write', file, at, bytes: own, ...this.#newEffect() });
  }

  /** Gives names to nodes, or takes them away, all at once. */
  link(
    folder: SimulatedFolder,
    ...names: (readonly [name: string, node: SimulatedNode | undefined])[]
  ): void {
    applyLinks(folder.entries, names);
    this.#effects.push({ what: 'naming', folder, names, ...this.#newEffect() });
  }

  /** Makes safe what was done to the node until `asked`, the moment at which somebody asked for that. */
  sync(node: SimulatedNode, asked: number): void {
    this.#clock++;
    for (const effect of this.#unsynced(node, asked)) effect.syncedAt = this.#clock;
  }

  /** As a sync of a file that failed and after which the cache takes everything for written. */
  failSync(node: SimulatedFile): void {
    this.#clock++;
    for (const effect of this.#unsynced(node, this.#clock)) effect.isSyncFailed = true;
  }

  /** What was done until the moment and would not be safe from a power cut at it. */
  unsyncedAt(moment: number): readonly Effect[] {
    return this.#effects.filter(({ createdAt, syncedAt }) => createdAt <= moment && syncedAt > moment);
  }

  /** The disk after a power cut at the moment, with these fates of what was not synced; what has none is lost. */
  afterPowerCut(moment: number, fates: ReadonlyMap<Effect, WriteOutcome>): SimulatedDisk {
    const contents = new Map<SimulatedFile, Uint8Array>();
    const folders = new Map<SimulatedFolder, Map<string, SimulatedNode>>();
    for (const effect of this.#effects) {
      if (effect.createdAt > moment) break;
      const fate = effect.syncedAt <= moment ? 'kept' : (fates.get(effect) ?? 'lost');
      if (fate === 'lost') continue;
      if (effect.what === 'write') {
        const { file, at, bytes } = effect;
        const length = fate === 'head' ? bytes.length >> 1 : bytes.length;
        contents.set(
          file,
          spliceBytes(contents.get(file) ?? file.base, at, survivingBytes(bytes, fate), length),
        );
      } else {
        const names = folders.get(effect.folder) ?? new Map(effect.folder.base);
        folders.set(effect.folder, names);
        applyLinks(names, effect.names);
      }
    }
    const copy = (node: SimulatedNode): SimulatedNode => {
      if (node instanceof SimulatedFile) return new SimulatedFile(contents.get(node) ?? node.base);
      const names = [...(folders.get(node) ?? node.base)];
      return new SimulatedFolder(new Map(names.map(([name, inner]) => [name, copy(inner)])));
    };
    // The root is a folder, and so is its copy.
    return new SimulatedDisk(copy(this.root) as SimulatedFolder);
  }

  #newEffect() {
    this.#clock++;
    return { createdAt: this.#clock, syncedAt: Number.POSITIVE_INFINITY, isSyncFailed: false };
  }

  #unsynced(node: SimulatedNode, asked: number): Effect[] {
    return this.#effects.filter(
      (effect) =>
        (effect.what === 'write' ? effect.file : effect.folder) === node &&
        effect.createdAt <= asked &&
        effect.syncedAt === Number.POSITIVE_INFINITY &&
        !effect.isSyncFailed,
    );
  }
}

function applyLinks(
  names: Map<string, SimulatedNode>,
  assigned: readonly (readonly [name: string, node: SimulatedNode | undefined])[],
): void {
  for (const [name, node] of assigned) {
    if (node === undefined) names.delete(name);
    else names.set(name, node);
  }
}

/** What of the bytes is not zeros. */
function survivingBytes(bytes: Uint8Array, fate: WriteOutcome): Uint8Array {
  const middle = bytes.length >> 1;
  switch (fate) {
    case 'head':
    case 'start':
      return bytes.subarray(0, middle);
    case 'tail':
      return new Uint8Array(bytes).fill(0, 0, middle);
    case 'zeros':
      return new Uint8Array();
    default:
      return bytes;
  }
}

/** The content with `length` bytes at the offset, which are these and zeros; a gap before them is zeros. */
function spliceBytes(content: Uint8Array, at: number, bytes: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(Math.max(content.length, at + length));
  result.set(content);
  result.set(bytes, at);
  return result;
}

function countBytes(node: SimulatedNode): number {
  if (node instanceof SimulatedFile) return node.bytes.length;
  return [...node.entries.values()].reduce((sum, inner) => sum + countBytes(inner), 0);
}
