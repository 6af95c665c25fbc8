import { z } from 'zod';
import { idSchema } from '../values/id.ts';
import { type DeepReadonly, omitUndefined } from '../values/immutable.ts';
import type { AgentRole } from '../work/agent-role.ts';

const textSchema = z.string().max(1000);
const textListSchema = z.array(textSchema).max(100);
/** One word is as good as a list of one. */
const textOrListSchema = z.union([textListSchema, textSchema.transform((one) => [one])], 'a list of words');

const skillFields = {
  name: z.string().max(1000),
  description: z.string().max(20_000),
  version: textSchema,
  triggers: textListSchema.optional(),
  role: textSchema.optional(),
  scope: textSchema.optional(),
  outputFormat: textSchema.optional(),
  language: textSchema.optional(),
  framework: textSchema.optional(),
  tags: textListSchema.optional(),
  category: textSchema.optional(),
  license: textSchema.optional(),
};

/** What the file of a skill says at its top; other keys do not count. */
export const skillHeaderSchema = z
  .object({
    name: skillFields.name,
    description: skillFields.description,
    version: skillFields.version,
    triggers: textOrListSchema,
    role: textSchema,
    scope: textSchema,
    'output-format': textSchema,
    language: textSchema,
    framework: textSchema,
    tags: textOrListSchema,
    category: textSchema,
    license: textSchema,
  })
  .partial();

export type SkillHeader = z.infer<typeof skillHeaderSchema>;

/** A skill with its whole text, as lists show it. */
export const skillSchema = z
  .object({
    id: idSchema.meta({ description: 'The name of its folder.' }),
    ...skillFields,
    content: z.string().meta({ description: 'What the skill says to do.' }),
    hasReferences: z.literal(false),
    referenceCount: z.literal(0),
  })
  .meta({ id: 'Skill', description: 'Instructions that agents can be given, from the folder of skills.' });

export type Skill = DeepReadonly<z.infer<typeof skillSchema>>;

const skillBriefFields = {
  id: idSchema,
  name: skillFields.name,
  description: skillFields.description,
  type: z
    .enum(['orchestrator', 'custom'])
    .meta({ description: 'Whom it is for: orchestrators, or anybody.' }),
  version: skillFields.version,
};

/** A skill without its text. */
export const skillBriefSchema = z.object(skillBriefFields).meta({ id: 'SkillBrief' });

/** A skill with its text as instructions. */
export const skillDetailSchema = z
  .object({ ...skillBriefFields, instructions: z.string() })
  .meta({ id: 'SkillDetail' });

export type SkillBrief = DeepReadonly<z.infer<typeof skillBriefSchema>>;
export type SkillDetail = DeepReadonly<z.infer<typeof skillDetailSchema>>;

/** The skill of a folder of this name, whose file says `header` at its top and then `content`. */
export function createSkill(id: string, header: SkillHeader, content: string): Skill {
  const { 'output-format': outputFormat, ...said } = header;
  return {
    ...omitUndefined({ ...said, outputFormat }),
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
export function toSkillBrief({ id, name, description, role, version }: Skill): SkillBrief {
  return { id, name, description, type: role === 'orchestrator' ? 'orchestrator' : 'custom', version };
}

/** Whether agents of this role are offered the skill: what is not for orchestrators is for workers. */
export function isSkillFor(skill: Skill, role: AgentRole): boolean {
  return (skill.role === 'orchestrator') === (role === 'orchestrator');
}
