/** What was asked for on the command line cannot be done; the message names the option. */
export class UsageError extends Error {
  override name = 'UsageError';
}
