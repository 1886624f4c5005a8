/**
 * Network devices that carry no traffic of the node itself, or carry again what another device counts:
 * an anchored regular expression (RE2). Each bit is counted once, where it enters or leaves the machine,
 * so of a bond its members count, and of a VLAN the device below it.
 */
export const uncountedNetworkDevices: string = [
  'lo|dummy.*|ifb.*|nodelocaldns',
  // Bonds, teams, VLANs and bridges, on top of the devices that count.
  'bond.*|team.*|.+[.][0-9]+|vlan.*|br.*|cbr.*|virbr.*|vmbr.*|fwbr.*|xenbr.*|vrf.*',
  // Ends of pods, containers and virtual machines, by what makes them.
  'veth.*|tap.*|vnet.*|macvtap.*|fwpr.*|fwln.*|docker.*|podman.*|nerdctl.*|cni.*|lxc.*|lxdbr.*|incusbr.*',
  'k6t-.*|macvlan.*|ipvlan.*|ipvl_.*',
  'cali.*|cilium.*|flannel.*|weave.*|antrea.*|kube-.*|eni.*|azv.*|enP[0-9]+(p0)?s[0-9]+|gke.*|ovn-k8s.*|ovn[0-9]+|ovs.*',
  // Open vSwitch names what it makes by 15 digits of a hash.
  '[0-9a-f]{15}|q(br|vb|vo)[0-9a-f].*',
  // Virtual functions as the host's switch shows them: their traffic passes the device that they are of.
  '.*pf[0-9]+vf[0-9]+|(en[a-z0-9]+|eth[0-9]+)_[0-9]+',
  // Tunnels.
  'tun.*|ip6tnl.*|sit.*|gre.*|ip6gre.*|erspan.*|ip_vti.*|ip6_vti.*|ipip.*|vxlan.*|genev.*|wg.*',
  'wireguard.*|bpf(in|out)[.]cali|kubespan.*|tailscale.*|zt.*|kilo.*|ipsec.*|xfrm.*|vti.*|ppp.*',
].join('|');

/**
 * PromQL for the node-exporters beside another of the same machine (its kernel has the same name), by `instance`: what
 * a total over machines leaves out. `names` selects `node_uname_info`; `by` are the labels, each with its comma, under
 * which names are told apart.
 */
export function secondExporters(names: string, by = ''): string {
  const named = `max by (${by}instance, nodename) (${names})`;
  return `(${named} unless on (${by}instance) topk by (${by}nodename) (1, ${named}))`;
}
