import type { Endpoint } from '../../api/endpoint.ts';
import type { HttpSettings } from '../boundary/http-settings.ts';
import { docsPage } from './docs-page.ts';
import { openApi } from './openapi.ts';

/** The reference of a server, made when it is first asked for. */
export class ApiReference {
  readonly #make: () => ReturnType<typeof openApi>;
  #json: string | undefined;
  #page: string | undefined;

  constructor(endpoints: readonly Endpoint[], version: string, settings: HttpSettings) {
    this.#make = () => openApi(endpoints, version, settings);
  }

  /** The OpenAPI document as JSON. */
  get json(): string {
    this.#json ??= JSON.stringify(this.#make(), null, 1);
    return this.#json;
  }

  /** The same as a page to read. */
  get page(): string {
    this.#page ??= docsPage(this.#make());
    return this.#page;
  }
}
