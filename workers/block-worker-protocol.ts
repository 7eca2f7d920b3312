// What a page says to the block worker of its tab.

/** Page → worker. */
export type BlockWorkerMessage =
  /** A host has been started. `baseUrl`: the page's URL, to which URLs of media are relative. */
  | { host: string; port: MessagePort; baseUrl: string }
  /** The host of that name is gone, perhaps without a word. */
  | { gone: string };
