// Saved forms have a history: a form of an earlier version is brought up to the present one step by step. Each part of a
// saved VM has a version and upgrades of its own; forms of every version are kept as test data (engine/host/saved-forms).

/** By version, what makes a form of that version one of the next; `version` is set by `upgraded`. */
export type Upgrades = Readonly<Record<number, (form: never) => object>>;

/**
 * `form` as `version` has it: itself, if it is of that version. Undefined if no upgrades lead from its version there: it is
 * newer, older than the history, or no saved form. What is upgraded is not checked any further; an upgrade may throw if the
 * form is damaged.
 */
export function upgraded(form: unknown, version: number, upgrades: Upgrades): unknown {
  let present = form as { version?: unknown } | null | undefined;
  while (present?.version !== version) {
    const from = present?.version;
    const upgrade = typeof from === 'number' && from < version ? upgrades[from] : undefined;
    if (!upgrade) return undefined;
    present = { ...upgrade(present as never), version: (from as number) + 1 };
  }
  return present;
}

/** Why `upgraded` has given nothing, for the user: "version 7; this build reads versions 5 to 6". */
export function versionProblem(form: unknown, version: number, upgrades: Upgrades): string {
  const { version: found } = (form ?? {}) as { version?: unknown };
  const oldest = Math.min(version, ...Object.keys(upgrades).map(Number));
  const read = oldest === version ? `version ${version}` : `versions ${oldest} to ${version}`;
  return `version ${String(found)}; this build reads ${read}`;
}
