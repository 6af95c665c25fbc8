import type { BigIntStats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { SkillSource, SkippedSkill } from '../../application/agents/skill-source.ts';
import type { Skill } from '../../domain/agents/skill.ts';
import { idPattern } from '../../domain/values/id.ts';
import { systemErrorCode } from '../../domain/values/system-error.ts';
import { readSkillFile } from './skill-file.ts';

/** The most folders that are read, and the most bytes of skills that are listed. */
const limits = { folders: 1000, bytes: 32 * 1024 * 1024 } as const;

/** The names of a skill file; the first that exists in the folder is read. */
const fileNames = ['SKILL.md', 'skill.md'];

type ReadResult = Skill | SkippedSkill;

interface CachedSkill {
  readonly name: string;
  readonly stamp: string;
  readonly result: ReadResult;
}

/** Reads skills from the subfolders of one folder. A file is read again when it was changed or replaced. */
export class SkillFolder implements SkillSource {
  readonly #folder: string;
  readonly #warn: (skipped: SkippedSkill) => void;
  /** Keyed by the real path of the file, so that there are never more entries than files. */
  readonly #cache = new Map<string, CachedSkill>();
  #lastWarnings = new Map<string, string>();

  /** `warn` is called once for each skill that cannot be read, and again when the reason changes. */
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
        if (index >= limits.folders) {
          skip('*', `there are more than ${limits.folders} folders`);
          break;
        }
        const found = await this.#findIn(root, entry.name);
        if (found === undefined) {
          if (entry.isSymbolicLink()) skip(entry.name, 'it is a link that does not lead to a skill');
        } else if (isSkipped(found)) {
          skipped.push(found);
        } else if (bytes + found.content.length > limits.bytes) {
          skip(
            entry.name,
            `the skills before it already take the ${limits.bytes} bytes that all skills may take`,
          );
        } else {
          bytes += found.content.length;
          skills.push(found);
        }
      }
      this.#keepOnly(new Set(folders.map((entry) => entry.name)));
    } catch (error) {
      skip('*', reasonOf(error));
    }
    this.#warnOnce(skipped);
    return { skills, skipped };
  }

  async find(id: string): Promise<ReadResult | undefined> {
    if (!idPattern.test(id)) return undefined;
    try {
      return await this.#findIn(await realpath(this.#folder), id);
    } catch (error) {
      return { name: id, reason: reasonOf(error) };
    }
  }

  invalidate(id: string): void {
    for (const [file, { name }] of this.#cache) if (name === id) this.#cache.delete(file);
  }

  async #findIn(root: string, name: string): Promise<ReadResult | undefined> {
    const skipped = (reason: string): SkippedSkill => ({ name, reason });
    try {
      const folder = await realpath(join(root, name));
      if (!folder.startsWith(root + sep)) return skipped('it is a link to outside the folder of skills');
      const names = new Set(await readdir(folder));
      const fileName = fileNames.find((candidate) => names.has(candidate));
      if (fileName === undefined) return undefined;
      if (!idPattern.test(name))
        return skipped('the name of its folder is not 1 to 128 letters, digits, "_" or "-"');
      const file = await realpath(join(folder, fileName));
      if (!file.startsWith(root + sep)) return skipped('its file is a link to outside the folder of skills');
      return await this.#read(name, file);
    } catch (error) {
      return hasCode(error, 'ENOENT', 'ENOTDIR') ? undefined : skipped(reasonOf(error));
    }
  }

  async #read(name: string, file: string): Promise<ReadResult> {
    const stamp = stampOf(await stat(file, { bigint: true }));
    const cached = this.#cache.get(file);
    if (cached?.stamp === stamp && cached.name === name) return cached.result;
    const result = await readSkillFile(name, file);
    this.#cache.set(file, { name, stamp, result });
    return result;
  }

  #keepOnly(names: ReadonlySet<string>): void {
    for (const [file, { name }] of this.#cache) if (!names.has(name)) this.#cache.delete(file);
  }

  #warnOnce(skipped: readonly SkippedSkill[]): void {
    const previous = this.#lastWarnings;
    this.#lastWarnings = new Map(skipped.map(({ name, reason }) => [name, reason]));
    for (const skill of skipped) if (previous.get(skill.name) !== skill.reason) this.#warn(skill);
  }
}

function isSkipped(found: ReadResult): found is SkippedSkill {
  return 'reason' in found;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** Changes whenever the file is changed or replaced. */
function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(systemErrorCode(error) ?? '');
}

/** Does not use the message of the error, because it names paths. */
function reasonOf(error: unknown): string {
  if (hasCode(error, 'ENOENT')) return 'it does not exist';
  const code = systemErrorCode(error);
  return `it cannot be read${code === undefined ? '' : ` (${code})`}`;
}
