import { z } from 'zod';
import { findTextFault, removeControlCharacters } from '../values/text.ts';
import { taskFields } from '../work/task.ts';
import type { BacklogItem, BacklogLinks } from './backlog-item.ts';

/** A bad character in an id cannot be left out: the id would be that of another issue. */
const sourceIdSchema = taskFields.externalId.refine(
  (id) => findTextFault(id) === undefined,
  'must be visible and have no control characters',
);
const linkSchema = z.object({
  issue_id: sourceIdSchema.nullish(),
  depends_on_id: sourceIdSchema,
  type: z.string(),
});

function isReadable(text: string): boolean {
  const kept = removeControlCharacters(text);
  return kept.trim() !== '' && findTextFault(kept) === undefined;
}

/** One issue as trackers write it in JSON lines; other keys are ignored. */
export const issueSchema = z.object({
  id: sourceIdSchema,
  title: taskFields.title.refine(isReadable, 'must be visible'),
  description: taskFields.description.nullish(),
  status: z.string(),
  priority: z.unknown().optional(),
  created_at: z.unknown().optional(),
  updated_at: z.unknown().optional(),
  closed_at: z.unknown().optional(),
  labels: z.array(z.unknown()).nullish(),
  dependencies: z.array(linkSchema).max(1000).nullish(),
});

export type Issue = z.infer<typeof issueSchema>;
/** A link of the issue `issue_id`, or of the one that it stands in, to another. */
export type IssueLink = z.infer<typeof linkSchema>;

/** An issue as a task: its fields, its links, and a remark about everything that could not be taken over. */
export interface IssueConversion {
  readonly item: BacklogItem;
  readonly links: BacklogLinks;
  /** The links that stand in this issue and belong to others. */
  readonly linksOfOthers: readonly IssueLink[];
  readonly remarks: readonly string[];
}

const statuses: Readonly<Record<string, BacklogItem['status']>> = {
  open: 'todo',
  in_progress: 'in_progress',
  hooked: 'in_progress',
  closed: 'completed',
  blocked: 'blocked',
  deferred: 'blocked',
  tombstone: 'archived',
};

const priorities: readonly BacklogItem['priority'][] = ['high', 'high', 'medium', 'low', 'low'];

/** Converts an issue to a task of a backlog. */
export function convertIssue(issue: Issue): IssueConversion {
  const remarks: string[] = [];
  const remark = (text: string): void => void remarks.push(text);
  const status = Object.hasOwn(statuses, issue.status) ? statuses[issue.status] : undefined;
  if (status === undefined) remark(`status "${issue.status}" is not known; it becomes todo`);
  const item: BacklogItem = {
    externalId: issue.id,
    title: textOf('title', issue.title, remark).trim(),
    description: textOf('description', issue.description ?? '', remark),
    status: status ?? 'todo',
    priority: priorityOf(issue.priority, remark),
    labels: labelsOf(issue.labels ?? [], remark),
    createdAt: timeOf('created_at', issue.created_at, remark),
    updatedAt: timeOf('updated_at', issue.updated_at, remark),
    completedAt: timeOf('closed_at', issue.closed_at, remark),
  };
  const isOwn = ({ issue_id }: IssueLink) => (issue_id ?? issue.id) === issue.id;
  const links = issue.dependencies ?? [];
  return {
    item,
    links: addIssueLinks(
      { externalId: issue.id, parents: [], dependencies: [], references: [] },
      links.filter(isOwn),
    ),
    linksOfOthers: links.filter((link) => !isOwn(link)),
    remarks,
  };
}

type AddRemark = (text: string) => void;

function priorityOf(value: unknown, remark: AddRemark): BacklogItem['priority'] {
  if (value === undefined || value === null) return 'medium';
  const priority = typeof value === 'number' ? priorities[value] : undefined;
  if (priority === undefined) remark(`priority ${JSON.stringify(value)} is not 0 to 4; it becomes medium`);
  return priority ?? 'medium';
}

/** The text as a task may have it. */
function textOf(name: string, text: string, remark: AddRemark): string {
  const fault = findTextFault(text);
  if (fault === undefined) return text;
  const kept = removeControlCharacters(text);
  remark(`${name} ${fault}; ${kept === text ? 'it is left out' : 'these are left out'}`);
  return findTextFault(kept) === undefined ? kept : '';
}

const labelSchema = taskFields.labels.element.refine((label) => findTextFault(label) === undefined);

function labelsOf(values: readonly unknown[], remark: AddRemark): string[] {
  const labels = new Set<string>();
  for (const value of values) {
    const label = labelSchema.safeParse(value);
    if (label.success && labels.size < 100) labels.add(label.data);
    else
      remark(
        `label ${JSON.stringify(value)} is left out: ${label.success ? 'a task has 100 at most' : 'it is not a valid label'}`,
      );
  }
  return [...labels];
}

const timeSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .pipe(z.int().min(0));

function timeOf(name: string, value: unknown, remark: AddRemark): number | undefined {
  if (value === undefined || value === null) return undefined;
  const time = timeSchema.safeParse(value);
  if (!time.success) remark(`${name} ${JSON.stringify(value)} is not a time with an offset; it is ignored`);
  return time.data;
}

/** The types of links that make an issue wait for the other. */
const blockingLinkTypes: ReadonlySet<string> = new Set(['blocks', 'blocked-by']);

/** The links with more of them, each once. */
export function addIssueLinks(links: BacklogLinks, more: readonly IssueLink[]): BacklogLinks {
  if (more.length === 0) return links;
  const groups = {
    parents: new Set(links.parents),
    dependencies: new Set(links.dependencies),
    references: new Set(links.references),
  };
  for (const { depends_on_id, type } of more) {
    const group =
      type === 'parent-child' ? 'parents' : blockingLinkTypes.has(type) ? 'dependencies' : 'references';
    groups[group].add(depends_on_id);
  }
  return {
    externalId: links.externalId,
    parents: [...groups.parents],
    dependencies: [...groups.dependencies],
    references: [...groups.references],
  };
}
