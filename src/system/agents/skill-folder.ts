import type { BigIntStats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { SkillSource, SkippedSkill } from '../../application/agents/skill-source.ts';
import type { Skill } from '../../domain/agents/skill.ts';
import { idPattern } from '../../domain/values/id.ts';
import { readSkillFile } from './skill-file.ts';

/** How many folders are looked into, and how many bytes of skills are kept. */
const most = { folders: 1000, bytes: 32 * 1024 * 1024 } as const;

/** What a skill is called in its folder; the first that is there counts. */
const fileNames = ['SKILL.md', 'skill.md'];

type Found = Skill | SkippedSkill;

interface Known {
  readonly name: string;
  readonly stamp: string;
  readonly found: Found;
}

/** Skills as folders of one folder, each with its file. A file is read again when it is another than it was. */
export class SkillFolder implements SkillSource {
  readonly #folder: string;
  readonly #warn: (skipped: SkippedSkill) => void;
  /** By the real path of the file, of which there are no more than there are files. */
  readonly #known = new Map<string, Known>();
  #warned = new Map<string, string>();

  /** `warn` hears once of everything that looks like a skill and cannot be read. */
  constructor(folder: string, warn: (skipped: SkippedSkill) => void) {
    this.#folder = folder;
    this.#warn = warn;
  }

  async list() {
    const skills: Skill[] = [];
    const skipped: SkippedSkill[] = [];
    const skip = (name: string, reason: string) => void skipped.push({ name, reason });
    try {
      const root = await realpath(this.#folder);
      const entries = await readdir(root, { withFileTypes: true });
      const folders = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith('.'));
      let bytes = 0;
      for (const [index, entry] of folders.sort(byName).entries()) {
        if (index >= most.folders) {
          skip('*', `there are more than ${most.folders} folders`);
          break;
        }
        const found = await this.#look(root, entry.name);
        if (found === undefined) {
          if (entry.isSymbolicLink()) skip(entry.name, 'it is a link that leads to no skill');
        } else if (isSkipped(found)) {
          skipped.push(found);
        } else if (bytes + found.content.length > most.bytes) {
          skip(entry.name, `the skills before it take the ${most.bytes} bytes that there are for all`);
        } else {
          bytes += found.content.length;
          skills.push(found);
        }
      }
      this.#keepOnly(new Set(folders.map((entry) => entry.name)));
    } catch (error) {
      skip('*', reasonOf(error));
    }
    this.#tell(skipped);
    return { skills, skipped };
  }

  async find(id: string): Promise<Found | undefined> {
    if (!idPattern.test(id)) return undefined;
    try {
      return await this.#look(await realpath(this.#folder), id);
    } catch (error) {
      return { name: id, reason: reasonOf(error) };
    }
  }

  invalidate(id: string): void {
    for (const [file, { name }] of this.#known) if (name === id) this.#known.delete(file);
  }

  async #look(root: string, name: string): Promise<Found | undefined> {
    const skipped = (reason: string): SkippedSkill => ({ name, reason });
    try {
      const folder = await realpath(join(root, name));
      if (!folder.startsWith(root + sep)) return skipped('it is a link out of the folder of skills');
      const names = new Set(await readdir(folder));
      const fileName = fileNames.find((one) => names.has(one));
      if (fileName === undefined) return undefined;
      if (!idPattern.test(name))
        return skipped('the name of its folder is not 1 to 128 letters, digits, "_" or "-"');
      const file = await realpath(join(folder, fileName));
      if (!file.startsWith(root + sep)) return skipped('its file is a link out of the folder of skills');
      return await this.#read(name, file);
    } catch (error) {
      return isCode(error, 'ENOENT', 'ENOTDIR') ? undefined : skipped(reasonOf(error));
    }
  }

  async #read(name: string, file: string): Promise<Found> {
    const stamp = stampOf(await stat(file, { bigint: true }));
    const known = this.#known.get(file);
    if (known?.stamp === stamp && known.name === name) return known.found;
    const found = await readSkillFile(name, file);
    this.#known.set(file, { name, stamp, found });
    return found;
  }

  #keepOnly(names: ReadonlySet<string>): void {
    for (const [file, { name }] of this.#known) if (!names.has(name)) this.#known.delete(file);
  }

  #tell(skipped: readonly SkippedSkill[]): void {
    const before = this.#warned;
    this.#warned = new Map(skipped.map(({ name, reason }) => [name, reason]));
    for (const one of skipped) if (before.get(one.name) !== one.reason) this.#warn(one);
  }
}

function isSkipped(found: Found): found is SkippedSkill {
  return 'reason' in found;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** Another file, or another state of it, has another stamp. */
function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Never the message of the fault: that names paths. */
function reasonOf(error: unknown): string {
  if (isCode(error, 'ENOENT')) return 'it is not there';
  const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
  return `it cannot be read${code}`;
}
