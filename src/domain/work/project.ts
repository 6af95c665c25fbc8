import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { applyChanges, type DeepReadonly, omitUndefined } from '../values/immutable.ts';

/** What a client may say of a project. */
export const projectFields = {
  name: z.string().trim().min(1).max(500).meta({ description: 'Name, not blank.' }),
  workingDir: z.string().max(4096).meta({ description: 'Where agents work, or empty.' }),
  description: z.string().max(100_000),
};

/** Work on one thing: everything else belongs to a project. */
export const projectSchema = z
  .object({
    id: idSchema,
    ...projectFields,
    createdAt: instantSchema,
    updatedAt: instantSchema,
    version: versionSchema,
  })
  .meta({ id: 'Project', description: 'Work on one thing: everything else belongs to a project.' });

export type Project = DeepReadonly<z.infer<typeof projectSchema>>;
export type ProjectChanges = { readonly [Key in keyof typeof projectFields]?: string | undefined };

/** A new project; what is not said is empty. */
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
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

/** The project with the changes; the same value when they change nothing. */
export function changeProject(project: Project, changes: ProjectChanges, now: number): Project {
  const after = applyChanges(project, omitUndefined(changes));
  return after === project ? project : { ...after, updatedAt: now };
}
