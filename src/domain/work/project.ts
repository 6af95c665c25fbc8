import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { applyChanges, type DeepReadonly, type OptionalFields, omitUndefined } from '../values/immutable.ts';

/** The fields of a project that clients set. */
export const projectFields = {
  name: z.string().trim().min(1).max(500).meta({ description: 'Name, not blank.' }),
  workingDir: z.string().max(4096).meta({ description: 'Folder in which agents work, or empty.' }),
  description: z.string().max(100_000),
  review: z.boolean().meta({
    description: 'Whether completed tasks wait in review, unless the task says otherwise; false where unset.',
  }),
};

/** A project. Tasks, sessions, queues and documents belong to one. */
export const projectSchema = z
  .object({
    id: idSchema,
    ...projectFields,
    review: projectFields.review.optional(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    version: versionSchema,
  })
  .meta({ id: 'Project', description: 'A project. Tasks, sessions, queues and documents belong to one.' });

export type Project = DeepReadonly<z.infer<typeof projectSchema>>;
export type ProjectChanges = OptionalFields<{
  [Key in keyof typeof projectFields]: z.infer<(typeof projectFields)[Key]>;
}>;

/** A new project; fields that are not given are empty. */
export function createProject(
  id: string,
  input: ProjectChanges & { readonly name: string },
  now: number,
): Project {
  return {
    id,
    name: input.name,
    workingDir: input.workingDir ?? '',
    description: input.description ?? '',
    ...(input.review === undefined ? {} : { review: input.review }),
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

/** The project with the changes; the same value when they change nothing. */
export function changeProject(project: Project, changes: ProjectChanges, now: number): Project {
  const after = applyChanges(project, omitUndefined(changes));
  return after === project ? project : { ...after, updatedAt: Math.max(now, project.updatedAt) };
}
