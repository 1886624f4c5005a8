/**
 * PromQL for the node-exporters beside another of the same machine (its kernel has the same name), by `instance`: what
 * a total over machines leaves out. `names` selects `node_uname_info`; `by` are the labels, each with its comma, under
 * which names are told apart.
 */
export function secondExporters(names: string, by = ''): string {
  const named = `max by (${by}instance, nodename) (${names})`;
  return `(${named} unless on (${by}instance) topk by (${by}nodename) (1, ${named}))`;
}
