import type { Endpoint } from '../../api/endpoint.ts';
import type { HttpSettings } from '../boundary/http-settings.ts';
import { docsPage } from './docs-page.ts';
import { openApi } from './openapi.ts';

/** The reference of a server, created on first use. */
export class ApiReference {
  readonly #create: () => ReturnType<typeof openApi>;
  #json: string | undefined;
  #page: string | undefined;

  constructor(endpoints: readonly Endpoint[], version: string, settings: HttpSettings) {
    this.#create = () => openApi(endpoints, version, settings);
  }

  /** The OpenAPI document as JSON. */
  get json(): string {
    this.#json ??= JSON.stringify(this.#create(), null, 1);
    return this.#json;
  }

  /** The same as an HTML page. */
  get page(): string {
    this.#page ??= docsPage(this.#create());
    return this.#page;
  }
}
