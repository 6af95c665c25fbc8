import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SkippedSkill } from '../../application/agents/skill-source.ts';
import { createSkill, type Skill, skillHeaderSchema } from '../../domain/agents/skill.ts';
import { parseFrontMatter } from './front-matter.ts';

const maxBytes = 256 * 1024;

/** Does not follow a link that was put there meanwhile, and does not wait for the other end of a pipe. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The skill in the file, or the reason why the file is skipped. Throws what the file system throws. */
export async function readSkillFile(id: string, path: string): Promise<Skill | SkippedSkill> {
  const skipped = (reason: string): SkippedSkill => ({ name: id, reason });
  const handle = await open(path, flags);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return skipped('its file is not a regular file');
    if (stats.size > maxBytes) return skipped(`its file is larger than ${maxBytes} bytes`);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return parseSkill(id, buffer.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

function parseSkill(id: string, text: string): Skill | SkippedSkill {
  try {
    const { header, body } = parseFrontMatter(text);
    const parsed = skillHeaderSchema.safeParse(header);
    if (parsed.success) return createSkill(id, parsed.data, body);
    const [issue] = parsed.error.issues;
    return { name: id, reason: `${issue?.path.join('.') || 'its front matter'}: ${issue?.message}` };
  } catch (error) {
    return { name: id, reason: error instanceof Error ? error.message : 'it cannot be read' };
  }
}
