import { endpoints } from '../../src/http/endpoints/catalogue.ts';
import { errorStatus } from '../../src/http/error-status.ts';
import { accessPage } from './access-page.ts';
import { configurationPage, envExample } from './configuration-page.ts';
import { errorsPage } from './errors-page.ts';
import { eventsPage } from './events-page.ts';

/** Every page that is rendered, by its path from the top of the repository. */
export const pages: Readonly<Record<string, () => string>> = {
  '.env.example': envExample,
  'docs/access.md': () => accessPage(endpoints),
  'docs/configuration.md': configurationPage,
  'docs/errors.md': () => errorsPage(errorStatus),
  'docs/events.md': eventsPage,
};

/** The pages that do not say what they would if they were rendered now; `read` gives undefined for a missing one. */
export function stalePages(
  all: Readonly<Record<string, () => string>>,
  read: (path: string) => string | undefined,
): string[] {
  return Object.entries(all)
    .filter(([path, render]) => read(path) !== render())
    .map(([path]) => `${path} is stale: run "npm run docs"`);
}
