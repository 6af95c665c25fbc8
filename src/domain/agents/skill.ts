import { z } from 'zod';
import { defined, type Frozen } from '../values/entity.ts';
import { idSchema } from '../values/id.ts';
import type { AgentRole } from '../work/agent-role.ts';

const word = z.string().max(1000);
const words = z.array(word).max(100);
/** One word is as good as a list of one. */
const wordOrWords = z.union([words, word.transform((one) => [one])], 'a list of words');

const fields = {
  name: z.string().max(1000),
  description: z.string().max(20_000),
  version: word,
  triggers: words.optional(),
  role: word.optional(),
  scope: word.optional(),
  outputFormat: word.optional(),
  language: word.optional(),
  framework: word.optional(),
  tags: words.optional(),
  category: word.optional(),
  license: word.optional(),
};

/** What the file of a skill says at its top; other keys do not count. */
export const skillHeaderSchema = z
  .object({
    name: fields.name,
    description: fields.description,
    version: fields.version,
    triggers: wordOrWords,
    role: word,
    scope: word,
    'output-format': word,
    language: word,
    framework: word,
    tags: wordOrWords,
    category: word,
    license: word,
  })
  .partial();

export type SkillHeader = z.infer<typeof skillHeaderSchema>;

/** A skill with its whole text, as lists show it. */
export const skillSchema = z
  .object({
    id: idSchema.meta({ description: 'The name of its folder.' }),
    ...fields,
    content: z.string().meta({ description: 'What the skill says to do.' }),
    hasReferences: z.literal(false),
    referenceCount: z.literal(0),
  })
  .meta({ id: 'Skill', description: 'Instructions that agents can be given, from the folder of skills.' });

export type Skill = Frozen<z.infer<typeof skillSchema>>;

const briefShape = {
  id: idSchema,
  name: fields.name,
  description: fields.description,
  type: z
    .enum(['orchestrator', 'custom'])
    .meta({ description: 'Whom it is for: orchestrators, or anybody.' }),
  version: fields.version,
};

/** A skill without its text. */
export const skillBriefSchema = z.object(briefShape).meta({ id: 'SkillBrief' });

/** A skill with its text as instructions. */
export const skillDetailSchema = z
  .object({ ...briefShape, instructions: z.string() })
  .meta({ id: 'SkillDetail' });

export type SkillBrief = Frozen<z.infer<typeof skillBriefSchema>>;
export type SkillDetail = Frozen<z.infer<typeof skillDetailSchema>>;

/** The skill of a folder of this name, whose file says `header` at its top and then `content`. */
export function createSkill(id: string, header: SkillHeader, content: string): Skill {
  const { 'output-format': outputFormat, ...said } = header;
  return {
    ...defined({ ...said, outputFormat }),
    id,
    name: said.name || id,
    description: said.description ?? '',
    version: said.version || '1.0.0',
    content,
    hasReferences: false,
    referenceCount: 0,
  };
}

/** The skill without its text. */
export function briefSkill({ id, name, description, role, version }: Skill): SkillBrief {
  return { id, name, description, type: role === 'orchestrator' ? 'orchestrator' : 'custom', version };
}

/** Whether agents of this role are offered the skill: what is not for orchestrators is for workers. */
export function isSkillFor(skill: Skill, role: AgentRole): boolean {
  return (skill.role === 'orchestrator') === (role === 'orchestrator');
}
