/** The settings of HTTP. */
export interface HttpSettings {
  /** Host names and addresses that this server answers for, besides loopback. */
  readonly hosts: readonly string[];
  /** The origins whose pages may use this server, besides its own. */
  readonly corsOrigins: readonly string[];
  readonly corsCredentials: boolean;
  /** The path under which clients reach this server, as in `/maestro`; empty when it is the root of its host. */
  readonly basePath: string;
  /** Whether clients reach this server over TLS. */
  readonly https: boolean;
  /** How many proxies in front may report the address of the client. */
  readonly trustProxy: number;
  /** Requests an actor may make each second, 0 for no limit. */
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  /** Requests an actor may make at once. */
  readonly burst: number;
  readonly listDefaultLimit: number;
  readonly listMaxLimit: number;
  /** How many items a list has that is asked for without any parameter of paging; undefined for one page. */
  readonly wholeListLimit?: number | undefined;
}
