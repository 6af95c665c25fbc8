import type { DigestFunction } from '../domain/transfer/backlog-item.ts';
import type { SessionTimeouts } from '../domain/work/liveness.ts';
import { TicketService } from './access/ticket-service.ts';
import { TokenService } from './access/token-service.ts';
import { LaunchService } from './agents/launch-service.ts';
import { LivenessService } from './agents/liveness-service.ts';
import { SkillService } from './agents/skill-service.ts';
import type { SkillSource } from './agents/skill-source.ts';
import { type SpawnDependencies, SpawnService } from './agents/spawn-service.ts';
import { TemplateService } from './agents/template-service.ts';
import type { EventBus } from './events/event-bus.ts';
import { EventFollowService } from './events/event-follow-service.ts';
import { EventPageService } from './events/event-page-service.ts';
import type { SocketMonitor } from './events/socket-monitor.ts';
import type { Store } from './store/store.ts';
import { BacklogService } from './transfer/backlog-service.ts';
import { WorkspaceBackup } from './transfer/workspace-backup.ts';
import { WorkspaceExport } from './transfer/workspace-export.ts';
import { WorkspaceImport } from './transfer/workspace-import.ts';
import { ProjectService } from './work/project-service.ts';
import { QueueService } from './work/queue-service.ts';
import { SessionLogService } from './work/session-log-service.ts';
import { SessionService } from './work/session-service.ts';
import { TaskService } from './work/task-service.ts';

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
  readonly events: EventPageService;
  readonly eventFollow: EventFollowService;
  readonly tickets: TicketService;
  readonly sockets: SocketMonitor;
  readonly workspaceBackup: WorkspaceBackup;
  readonly workspaceExport: WorkspaceExport;
  readonly workspaceImport: WorkspaceImport;
}

/** What the services need from outside. */
export interface ServiceDependencies extends SpawnDependencies {
  /** The store that `open` opens for an actor, for what belongs to nobody. */
  readonly store: Store;
  readonly bus: EventBus;
  readonly digest: DigestFunction;
  readonly sockets: SocketMonitor;
  readonly skills: SkillSource;
  readonly sessionTimeouts: SessionTimeouts;
}

/** Builds the services over one store. */
export function createServices(dependencies: ServiceDependencies): Services {
  const { store, open, bus, host, signToken, digest, sockets, skills, tokenPolicy, sessionTimeouts, now } =
    dependencies;
  return {
    projects: new ProjectService(open),
    tasks: new TaskService(open),
    sessions: new SessionService(open, host),
    spawns: new SpawnService(dependencies),
    liveness: new LivenessService(open, sessionTimeouts, now),
    launches: new LaunchService(open, signToken, tokenPolicy),
    sessionLogs: new SessionLogService(open),
    queues: new QueueService(open, bus),
    templates: new TemplateService(open),
    skills: new SkillService(skills),
    tokens: new TokenService(open, signToken),
    backlog: new BacklogService(open, digest),
    events: new EventPageService(open, bus),
    eventFollow: new EventFollowService(open, bus, now),
    tickets: new TicketService(store, now),
    sockets,
    workspaceBackup: new WorkspaceBackup(open),
    workspaceExport: new WorkspaceExport(open, digest),
    workspaceImport: new WorkspaceImport(open),
  };
}
