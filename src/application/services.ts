import type { Digest } from '../domain/backlog-item.ts';
import type { Patience } from '../domain/liveness.ts';
import { BacklogService } from './backlog-service.ts';
import type { EventBus } from './event-bus.ts';
import { EventFollowService } from './event-follow.ts';
import { EventService } from './event-service.ts';
import { LaunchService } from './launch-service.ts';
import { LivenessService } from './liveness-service.ts';
import { ProjectService } from './project-service.ts';
import { QueueService } from './queue-service.ts';
import { SessionLogService } from './session-log-service.ts';
import { SessionService } from './session-service.ts';
import { SkillService } from './skill-service.ts';
import type { SkillSource } from './skill-source.ts';
import type { SocketMonitor } from './socket-monitor.ts';
import { type SpawnNeeds, SpawnService } from './spawn-service.ts';
import type { Store } from './store.ts';
import { TaskService } from './task-service.ts';
import { TemplateService } from './template-service.ts';
import { TicketService } from './ticket-service.ts';
import { TokenService } from './token-service.ts';
import { WorkspaceBackup } from './workspace-backup.ts';
import { WorkspaceExport } from './workspace-export.ts';
import { WorkspaceImport } from './workspace-import.ts';

/** Every service that endpoints call. */
export interface Services {
  readonly projects: ProjectService;
  readonly tasks: TaskService;
  readonly sessions: SessionService;
  readonly spawns: SpawnService;
  readonly liveness: LivenessService;
  readonly launches: LaunchService;
  readonly sessionLogs: SessionLogService;
  readonly queues: QueueService;
  readonly templates: TemplateService;
  readonly skills: SkillService;
  readonly tokens: TokenService;
  readonly backlog: BacklogService;
  readonly events: EventService;
  readonly eventFollow: EventFollowService;
  readonly tickets: TicketService;
  readonly sockets: SocketMonitor;
  readonly workspaceBackup: WorkspaceBackup;
  readonly workspaceExport: WorkspaceExport;
  readonly workspaceImport: WorkspaceImport;
}

/** What the services need from outside. */
export interface ServiceNeeds extends SpawnNeeds {
  /** What the door opens, for what belongs to nobody. */
  readonly store: Store;
  readonly bus: EventBus;
  readonly digest: Digest;
  readonly sockets: SocketMonitor;
  readonly skills: SkillSource;
  readonly patience: Patience;
}

/** Builds the services over one door to the store. */
export function createServices(needs: ServiceNeeds): Services {
  const { store, open, bus, host, signToken, digest, sockets, skills, terms, patience, now } = needs;
  return {
    projects: new ProjectService(open),
    tasks: new TaskService(open),
    sessions: new SessionService(open, host),
    spawns: new SpawnService(needs),
    liveness: new LivenessService(open, patience, now),
    launches: new LaunchService(open, signToken, terms),
    sessionLogs: new SessionLogService(open),
    queues: new QueueService(open, bus),
    templates: new TemplateService(open),
    skills: new SkillService(skills),
    tokens: new TokenService(open, signToken),
    backlog: new BacklogService(open, digest),
    events: new EventService(open, bus),
    eventFollow: new EventFollowService(open, bus, now),
    tickets: new TicketService(store, now),
    sockets,
    workspaceBackup: new WorkspaceBackup(open),
    workspaceExport: new WorkspaceExport(open, digest),
    workspaceImport: new WorkspaceImport(open),
  };
}
