import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SkippedSkill } from '../../application/agents/skill-source.ts';
import { createSkill, type Skill, skillHeaderSchema } from '../../domain/agents/skill.ts';
import { readFrontMatter } from './front-matter.ts';

const mostBytes = 256 * 1024;

/** Not through a link that was put there meanwhile, and without waiting for the other end of a pipe. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The skill that the file holds, or why it holds none. Throws what the file system throws. */
export async function readSkillFile(id: string, path: string): Promise<Skill | SkippedSkill> {
  const skipped = (reason: string): SkippedSkill => ({ name: id, reason });
  const handle = await open(path, flags);
  try {
    const about = await handle.stat();
    if (!about.isFile()) return skipped('its file is no file');
    if (about.size > mostBytes) return skipped(`its file is larger than ${mostBytes} bytes`);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    return skillOf(id, buffer.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

function skillOf(id: string, text: string): Skill | SkippedSkill {
  try {
    const { header, body } = readFrontMatter(text);
    const parsed = skillHeaderSchema.safeParse(header);
    if (parsed.success) return createSkill(id, parsed.data, body);
    const [issue] = parsed.error.issues;
    return { name: id, reason: `${issue?.path.join('.') || 'its front matter'}: ${issue?.message}` };
  } catch (error) {
    return { name: id, reason: error instanceof Error ? error.message : 'it cannot be read' };
  }
}
