/** A record as the first release writes it back: with the fields alone that it knows. */
export function asFirstRelease(record: unknown): unknown {
  const { observed, ...rest } = structuredClone(record) as {
    observed: { writer?: unknown; dashboards: Record<string, { hashVersion?: number }> };
  };
  delete observed.writer;
  for (const dashboard of Object.values(observed.dashboards)) delete dashboard.hashVersion;
  return { ...rest, observed };
}
