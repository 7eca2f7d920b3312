/** The id that PatternFly gives the element of a tab with that key and that `id`: panels name it as their label. */
export function tabElementId(eventKey: string, id: string): string {
  return `pf-tab-${eventKey}-${id}`;
}
