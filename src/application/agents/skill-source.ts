import type { Skill } from '../../domain/agents/skill.ts';

/** What looks like a skill and cannot be read: the name of its folder, `*` for the folder of all, and a sentence. */
export interface SkippedSkill {
  readonly name: string;
  readonly reason: string;
}

/** PORT: where skills come from. */
export interface SkillSource {
  /** Every skill as it is now in the order of ids, and everything that was left out. */
  list(): Promise<{ readonly skills: readonly Skill[]; readonly skipped: readonly SkippedSkill[] }>;
  /** One skill as it is now, or why it cannot be read; undefined when there is none. */
  find(id: string): Promise<Skill | SkippedSkill | undefined>;
  /** Forgets what was read of a skill, so that it is read again. */
  invalidate(id: string): void;
}
