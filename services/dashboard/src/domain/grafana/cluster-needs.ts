import type { ClusterId } from '@bud-monitoring/contracts';
import { clusterMatcher } from './cluster-labels.js';

/** What not every cluster has, and some dashboards are about. */
export type ClusterNeed = 'gpu' | 'inference';

/** Metrics of which a cluster that has it has one. */
const signs: Record<ClusterNeed, string> = {
  gpu: 'DCGM_FI_DEV_GPU_UTIL|DCGM_FI_DEV_FB_USED|gpu_gfx_activity|gpu_used_vram|habanalabs_utilization',
  inference: [
    '(ray_|kserve_)?vllm[:_]num_requests_running',
    'sglang[:_]num_running_reqs',
    'trtllm[:_]num_requests_running',
    'tgi_batch_current_size',
    'llamacpp[:_]requests_processing',
    'nv_inference_request_success',
    '(llm_d_(router_)?epp|inference_objective|inference_model)_request_total',
  ].join('|'),
};

/** Times before now at which one is looked for: an exporter may be away for a while. */
const ages = ['', ' offset 1h', ' offset 1d'];

/** A query for each need, with a value where the cluster has it. */
export function needQueries(cluster: ClusterId): Record<ClusterNeed, string> {
  const query = (names: string) => {
    const series = `{__name__=~"${names}", ${clusterMatcher(cluster)}}`;
    return ages.map((age) => `group(${series}${age})`).join(' or ');
  };
  return { gpu: query(signs.gpu), inference: query(signs.inference) };
}
