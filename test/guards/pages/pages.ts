import { endpoints } from '../../../src/api/endpoints/catalogue.ts';
import { readConfig } from '../../../src/config/config.ts';
import { errorStatus } from '../../../src/http/boundary/error-status.ts';
import type { HttpSettings } from '../../../src/http/boundary/http-settings.ts';
import { openApi } from '../../../src/http/reference/openapi.ts';
import { readVersion } from '../../../src/system/process/version.ts';
import { accessPage } from './access-page.ts';
import { apiPage } from './api-page.ts';
import { architecturePage } from './architecture-floors.ts';
import { configurationPage, envExample } from './configuration-page.ts';
import { errorsPage } from './errors-page.ts';
import { eventsPage } from './events-page.ts';
import { templatesPage } from './templates-page.ts';

/** Every page that is rendered, by its path from the top of the repository. */
export const pages: Readonly<Record<string, () => string>> = {
  '.env.example': envExample,
  'docs/access.md': () => accessPage(endpoints),
  'docs/api.md': defaultApiPage,
  'docs/architecture.md': architecturePage,
  'docs/configuration.md': configurationPage,
  'docs/errors.md': () => errorsPage(errorStatus),
  'docs/events.md': eventsPage,
  'docs/templates.md': templatesPage,
};

/** docs/api.md of a server that was told nothing but its defaults. */
function defaultApiPage(): string {
  const { LIST_DEFAULT_LIMIT, LIST_MAX_LIMIT } = readConfig({}, '/', '/');
  const settings: HttpSettings = {
    hosts: [],
    corsOrigins: [],
    corsCredentials: false,
    basePath: '',
    https: false,
    trustProxy: 0,
    readsPerSecond: 0,
    writesPerSecond: 0,
    burst: 0,
    listDefaultLimit: LIST_DEFAULT_LIMIT,
    listMaxLimit: LIST_MAX_LIMIT,
  };
  return apiPage(openApi(endpoints, readVersion(), settings));
}

/** The pages that do not say what they would if they were rendered now; `read` gives undefined for a missing one. */
export function findStalePages(
  all: Readonly<Record<string, () => string>>,
  read: (path: string) => string | undefined,
): string[] {
  return Object.entries(all)
    .filter(([path, render]) => read(path) !== render())
    .map(([path]) => `${path} is stale: run "npm run docs"`);
}
