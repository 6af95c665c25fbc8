import type { SkillSource } from '../../../src/application/agents/skill-source.ts';
import { createSkill } from '../../../src/domain/agents/skill.ts';

const counting = createSkill('counting', { description: 'Counts stars.' }, 'Begin at the pole.\n');

/** A source with one skill, `counting`. */
export const sampleSkills: SkillSource = {
  list: async () => ({ skills: [counting], skipped: [] }),
  find: async (id) => (id === counting.id ? counting : undefined),
  invalidate() {},
};
