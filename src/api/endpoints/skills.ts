import { z } from 'zod';
import { skillBriefSchema, skillDetailSchema, skillSchema } from '../../domain/agents/skill.ts';
import { idSchema } from '../../domain/values/id.ts';
import { agentRoleSchema } from '../../domain/work/agent-role.ts';
import { json, page } from '../answer.ts';
import { endpoint } from '../endpoint.ts';

const skippedSkillsDescription =
  'The header X-Skills-Skipped names what looks like a skill and cannot be read; the log says why.';

/** The endpoints of skills: what the folder of skills holds. */
export const skillEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/skills',
    summary: 'Lists skills with their text.',
    description: skippedSkillsDescription,
    permission: 'skill:read',
    answer: page(skillSchema),
    handle: ({ call, page }, { skills }) => skills.list(call, page),
  }),
  endpoint({
    method: 'GET',
    path: '/api/skills/role/:role',
    summary: 'Lists the skills that agents of a role are offered, without their text.',
    description: skippedSkillsDescription,
    permission: 'skill:read',
    params: { role: agentRoleSchema },
    answer: json(z.array(skillBriefSchema)),
    handle: ({ call, params }, { skills }) => skills.listForRole(call, params.role),
  }),
  endpoint({
    method: 'GET',
    path: '/api/skills/:id',
    summary: 'Gives one skill with its text.',
    permission: 'skill:read',
    params: { id: idSchema },
    answer: json(skillDetailSchema),
    handle: ({ params }, { skills }) => skills.get(params.id),
  }),
  endpoint({
    method: 'POST',
    path: '/api/skills/:id/reload',
    summary: 'Reads one skill again, which otherwise happens when its file changes.',
    permission: 'skill:reload',
    params: { id: idSchema },
    answer: json(skillBriefSchema.extend({ reloaded: z.literal(true) })),
    handle: ({ params }, { skills }) => skills.reload(params.id),
  }),
];
