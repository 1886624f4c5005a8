import { PageHead } from '../../parts/page/page-head';
import { ServiceHealth } from './service-health';

/** How both services and all that they depend on are. */
export default function HealthPage() {
  return (
    <>
      <PageHead title="Health" />
      <ServiceHealth service="metrics" title="bud-metrics" />
      <ServiceHealth service="dashboards" title="bud-dashboard" />
    </>
  );
}
