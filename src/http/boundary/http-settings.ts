/** What the operator decides about the HTTP side. */
export interface HttpSettings {
  /** Host names and addresses this server answers for, beside loopback. */
  readonly hosts: readonly string[];
  /** The origins whose pages may use this server; without any, only its own pages do. */
  readonly corsOrigins: readonly string[];
  readonly corsCredentials: boolean;
  /** Whether clients reach this server by TLS. */
  readonly https: boolean;
  /** How many proxies in front may say who the client is. */
  readonly trustProxy: number;
  /** Requests an actor may make each second, 0 for no limit. */
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  /** Requests an actor may make at once. */
  readonly burst: number;
  readonly listDefaultLimit: number;
  readonly listMaxLimit: number;
}
