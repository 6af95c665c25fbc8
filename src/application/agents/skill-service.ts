import {
  isSkillFor,
  type Skill,
  type SkillBrief,
  type SkillDetail,
  toSkillBrief,
} from '../../domain/agents/skill.ts';
import { AppError } from '../../domain/errors.ts';
import type { Page, PageRequest } from '../../domain/values/page.ts';
import type { AgentRole } from '../../domain/work/agent-role.ts';
import type { Call } from '../access/call.ts';
import type { SkillSource } from './skill-source.ts';

/** What may be done with skills. */
export class SkillService {
  readonly #source: SkillSource;

  constructor(source: SkillSource) {
    this.#source = source;
  }

  /** Skills in the order of their ids; the call is told what was left out. */
  async list(call: Call, { limit, after }: PageRequest): Promise<Page<Skill>> {
    const skills = await this.#all(call);
    const rest = after === undefined ? skills : skills.filter(({ id }) => id > after.id);
    const items = rest.slice(0, limit);
    const last = items.at(-1);
    const hasMore = rest.length > items.length && last !== undefined;
    return { items, next: hasMore ? { key: last.id, id: last.id } : null, total: skills.length };
  }

  /** The skills that agents of this role are offered; the call is told what was left out. */
  async listForRole(call: Call, role: AgentRole): Promise<readonly SkillBrief[]> {
    return (await this.#all(call)).filter((skill) => isSkillFor(skill, role)).map(toSkillBrief);
  }

  /** One skill with what it says to do. Throws NOT_FOUND, which says why when it is there and cannot be read. */
  async get(id: string): Promise<SkillDetail> {
    const skill = await this.#require(id);
    return { ...toSkillBrief(skill), instructions: skill.content };
  }

  /** Reads one skill again, whether or not its file seems to have changed. Throws NOT_FOUND as `get` does. */
  async reload(id: string): Promise<SkillBrief & { readonly reloaded: true }> {
    this.#source.invalidate(id);
    return { ...toSkillBrief(await this.#require(id)), reloaded: true };
  }

  async #all(call: Call): Promise<readonly Skill[]> {
    const { skills, skipped } = await this.#source.list();
    call.outcome.skippedSkills = skipped.map(({ name }) => name);
    return skills;
  }

  async #require(id: string): Promise<Skill> {
    const found = await this.#source.find(id);
    if (found !== undefined && 'id' in found) return found;
    const why = found === undefined ? '.' : ` that can be read: ${found.reason}.`;
    throw new AppError('NOT_FOUND', `There is no skill ${id}${why}`, { kind: 'skill', id });
  }
}
