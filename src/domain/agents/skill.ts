import { z } from 'zod';
import { idSchema } from '../values/id.ts';
import { type DeepReadonly, omitUndefined } from '../values/immutable.ts';
import type { AgentRole } from '../work/agent-role.ts';

const textSchema = z.string().max(1000);
const textListSchema = z.array(textSchema).max(100);
/** A single string means a list of one. */
const textOrListSchema = z.union(
  [textListSchema, textSchema.transform((one) => [one])],
  'a string or a list of strings',
);

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

/** The front matter of a skill's file; other keys are ignored. */
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

/** A skill with its text. */
export const skillSchema = z
  .object({
    id: idSchema.meta({ description: 'The name of the folder of the skill.' }),
    ...skillFields,
    content: z.string().meta({ description: 'The instructions of the skill.' }),
    hasReferences: z.literal(false),
    referenceCount: z.literal(0),
  })
  .meta({ id: 'Skill', description: 'Instructions for agents, from the folder of skills.' });

export type Skill = DeepReadonly<z.infer<typeof skillSchema>>;

const skillBriefFields = {
  id: idSchema,
  name: skillFields.name,
  description: skillFields.description,
  type: z
    .enum(['orchestrator', 'custom'])
    .meta({ description: 'Who it is for: orchestrators, or any agent.' }),
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

/** The skill in the folder `id`, from the front matter and the text of its file. */
export function createSkill(id: string, header: SkillHeader, content: string): Skill {
  const { 'output-format': outputFormat, ...fields } = header;
  return {
    ...omitUndefined({ ...fields, outputFormat }),
    id,
    name: fields.name || id,
    description: fields.description ?? '',
    version: fields.version || '1.0.0',
    content,
    hasReferences: false,
    referenceCount: 0,
  };
}

/** The skill without its text. */
export function toSkillBrief({ id, name, description, role, version }: Skill): SkillBrief {
  return { id, name, description, type: role === 'orchestrator' ? 'orchestrator' : 'custom', version };
}

/** Whether agents of this role are offered the skill; skills that are not for orchestrators are for workers. */
export function isSkillFor(skill: Skill, role: AgentRole): boolean {
  return (skill.role === 'orchestrator') === (role === 'orchestrator');
}
